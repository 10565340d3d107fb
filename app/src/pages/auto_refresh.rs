//! What a page does where no code of ours keeps it up to date.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// For a browser that runs JavaScript but not our code, because it knows no WebAssembly or may not load it: it says so to
/// the style, and looks again if the page asks for that. What our code has taken over carries no `data-props` any more.
const WITHOUT_OUR_CODE: &str = "addEventListener('unhandledrejection',()=>{const d=document;\
    if(!d.querySelector('[data-props]'))return;d.documentElement.dataset.code='none';\
    const a=d.querySelector('[data-look-again]');\
    if(a)setTimeout(()=>location.reload(),a.dataset.lookAgain*1e3)},{once:true})";

/// In the head of every page.
pub fn without_our_code() -> AnyView {
    view! { <script nonce=use_nonce() inner_html=WITHOUT_OUR_CODE></script> }.into_any()
}

/// Put into a page while something on it moves: it looks again after so many seconds.
pub fn refresh_after(seconds: u32) -> AnyView {
    let without_javascript = format!(r#"<meta http-equiv="refresh" content="{seconds}">"#);
    view! { <noscript data-look-again=seconds.to_string() inner_html=without_javascript></noscript> }
        .into_any()
}
