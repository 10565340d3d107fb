//! `docket key …`

use clap::{Subcommand, ValueEnum};
use queue::{Clock as _, SystemClock};

use super::process::{Failure, block_on, open_store, print_message};
use crate::config::Sources;
use crate::identity::keys;
use crate::platform::entropy::{SystemEntropy, random_bytes};
use crate::store::order_job::to_order_time;
use crate::store::{ApiKey, KeyScope};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an API key and print it once
    ///
    /// Only its hash is stored. It works on a new database and beside a running server.
    Create {
        /// The name of the key, 1 to 100 characters
        #[arg(value_parser = name)]
        name: String,
        /// What it may do
        #[arg(long)]
        scope: Scope,
        /// How many orders it may submit in a minute; unlimited by default
        #[arg(long, value_name = "ORDERS", value_parser = clap::value_parser!(u32).range(1..))]
        rate: Option<u32>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Scope {
    /// Its own orders
    Orders,
    /// The whole desk, all orders included
    Desk,
}

pub(super) fn run(command: Command, sources: &Sources) -> Result<(), Failure> {
    let Command::Create { name, scope, rate } = command;
    let (secret, hash) = keys::mint(random_bytes(&SystemEntropy));
    let scope = match scope {
        Scope::Orders => KeyScope::Orders,
        Scope::Desk => KeyScope::Desk,
    };
    let key = ApiKey { id: keys::owner(hash), name, scope, orders_per_minute: rate };
    block_on(async {
        let store = open_store(sources).await?;
        let added = store.add_key(key, hash, to_order_time(SystemClock.now())).await;
        store.close().await;
        Ok(added?)
    })?;
    println!("{}", secret.reveal());
    print_message("Keep it now: it is not shown again.");
    Ok(())
}

fn name(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    let fits = (1..=100).contains(&length) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or_else(|| "a name has 1 to 100 printable characters".to_owned())
}
