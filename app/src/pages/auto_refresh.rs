//! Refreshing a page whose islands do not run.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// For a browser with JavaScript but without WebAssembly: sets `data-code="none"` for the style sheet, and reloads
/// the page if it has [`refresh_after`]. A page whose islands run has no `data-props` any more.
const FALLBACK_SCRIPT: &str = "addEventListener('unhandledrejection',()=>{const d=document;\
    if(!d.querySelector('[data-props]'))return;d.documentElement.dataset.code='none';\
    const a=d.querySelector('[data-look-again]');\
    if(a)setTimeout(()=>location.reload(),a.dataset.lookAgain*1e3)},{once:true})";

/// The script in the head of every page.
pub fn fallback_script() -> AnyView {
    view! { <script nonce=use_nonce() inner_html=FALLBACK_SCRIPT></script> }.into_any()
}

/// Makes a page without running islands reload after this many seconds.
pub fn refresh_after(seconds: u32) -> AnyView {
    let without_javascript = format!(r#"<meta http-equiv="refresh" content="{seconds}">"#);
    view! { <noscript data-look-again=seconds.to_string() inner_html=without_javascript></noscript> }
        .into_any()
}
