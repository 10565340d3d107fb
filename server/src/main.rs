//! The program `docket`.

use std::error::Error;

use axum::Router;
use leptos_axum::{LeptosRoutes, generate_route_list};
use server::site::Site;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let site = Site::find()?;
    let options = site.options().clone();
    let pages = generate_route_list(app::App);
    let router = Router::new()
        .leptos_routes(&options, pages, {
            let options = options.clone();
            move || app::shell(options.clone())
        })
        .merge(site.routes()?)
        .fallback(leptos_axum::file_and_error_handler::<leptos::config::LeptosOptions, _>(app::shell))
        .with_state(options);
    let listen = std::env::var("DOCKET_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("Docket is at http://{listen}");
    axum::serve(listener, router).await?;
    Ok(())
}
