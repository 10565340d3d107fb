//! A page that shows something that moves looks again by itself where no code of ours keeps it up to date.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Without JavaScript.
const LOOK_AGAIN: &str = r#"<meta http-equiv="refresh" content="3">"#;

/// With JavaScript in a browser that does not run our code: it knows no WebAssembly, or may not load it.
const LOOK_AGAIN_WITHOUT_CODE: &str =
    "addEventListener('unhandledrejection',()=>setTimeout(()=>location.reload(),3000),{once:true})";

/// Put into a page while something on it moves.
pub fn look_again() -> AnyView {
    view! {
        <noscript inner_html=LOOK_AGAIN></noscript>
        <script nonce=use_nonce() inner_html=LOOK_AGAIN_WITHOUT_CODE></script>
    }
    .into_any()
}
