//! The live region of every page, and the text about a lost connection.

use leptos::prelude::*;
use orders::Timestamp;
use serde::{Deserialize, Serialize};

use super::Island;
use crate::components::reactive::reactive;
use crate::components::time::{Time, TimeFormat};
use crate::live::Live;

/// The live region, and the text about a lost connection.
#[derive(Serialize, Deserialize)]
pub struct Announcements {}

impl Island for Announcements {
    const NAME: &'static str = "announcements";

    fn view(self) -> AnyView {
        let live = Live::expect();
        reactive(move || {
            let lost = live.lost_since().map(Timestamp::from_millis);
            let words = lost.map(|since| {
                view! {
                    <p>
                        "Showing the status from " <Time at=since format=TimeFormat::Clock />
                        ". Reconnecting. Your order goes on without this page."
                    </p>
                }
                .into_any()
            });
            view! {
                <p class="unseen" role="status" id="announcer">{live.announcement()}</p>
                <div class="connection" hidden=lost.is_none()>{words}</div>
            }
        })
    }
}
