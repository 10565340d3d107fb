//! Refreshing a page that our code does not keep up to date.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// For a browser that runs JavaScript but not our code, because it does not support or allow WebAssembly: it tells
/// the style sheet, and reloads if the page asks for that. Islands that our code has taken over have no `data-props`
/// any more.
const FALLBACK_SCRIPT: &str = "addEventListener('unhandledrejection',()=>{const d=document;\
    if(!d.querySelector('[data-props]'))return;d.documentElement.dataset.code='none';\
    const a=d.querySelector('[data-look-again]');\
    if(a)setTimeout(()=>location.reload(),a.dataset.lookAgain*1e3)},{once:true})";

/// In the head of every page.
pub fn fallback_script() -> AnyView {
    view! { <script nonce=use_nonce() inner_html=FALLBACK_SCRIPT></script> }.into_any()
}

/// Put into a page while its content changes: it reloads after this many seconds.
pub fn refresh_after(seconds: u32) -> AnyView {
    let without_javascript = format!(r#"<meta http-equiv="refresh" content="{seconds}">"#);
    view! { <noscript data-look-again=seconds.to_string() inner_html=without_javascript></noscript> }
        .into_any()
}
