//! A page that shows something that moves looks again by itself where no code of ours keeps it up to date.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Put into a page while something on it moves: it looks again after so many seconds where there is no JavaScript, and
/// where our code does not run because the browser knows no WebAssembly or may not load it.
pub fn look_again(seconds: u32) -> AnyView {
    let without_javascript = format!(r#"<meta http-equiv="refresh" content="{seconds}">"#);
    let without_our_code = format!(
        "addEventListener('unhandledrejection',()=>setTimeout(()=>location.reload(),{seconds}e3),{{once:true}})"
    );
    view! {
        <noscript inner_html=without_javascript></noscript>
        <script nonce=use_nonce() inner_html=without_our_code></script>
    }
    .into_any()
}
