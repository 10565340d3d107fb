//! Forms that work without JavaScript and better with it.

use leptos::ev::SubmitEvent;
use leptos::form::FromFormData;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use serde::de::DeserializeOwned;

use crate::components::header::InCart;
use crate::error::Trouble;
use crate::live::Live;
use crate::server_fns::outcome::{FieldWords, Outcome, Refused};

/// A function that a form can name.
pub trait FormFn:
    ServerFn<Output = Outcome, Error = Trouble> + DeserializeOwned + Clone + Send + Sync + 'static
{
}

impl<F> FormFn for F where
    F: ServerFn<Output = Outcome, Error = Trouble> + DeserializeOwned + Clone + Send + Sync + 'static
{
}

/// A form. Without JavaScript it is posted to its own page, which names the function in a hidden field.
#[component]
pub fn PostForm<F: FormFn>(
    /// The function.
    action: ServerAction<F>,
    /// The page the form is on.
    #[prop(into)]
    page: Signal<String>,
    /// The form's class.
    class: &'static str,
    /// The id of the heading that names it.
    #[prop(optional)]
    labelled_by: Option<&'static str>,
    /// Go to the page with the result.
    #[prop(optional)]
    follow: bool,
    /// Send it again and again while there is no connection. Only for what can be repeated without harm.
    #[prop(optional)]
    keep_trying: bool,
    children: Children,
) -> impl IntoView {
    let name = F::url().rsplit('/').next().unwrap_or_default();
    let last = StoredValue::new(None::<F>);
    let submit = move |event: SubmitEvent| {
        if action.pending().get_untracked() {
            event.prevent_default();
            return;
        }
        // A form that our code cannot read goes the way it goes without our code.
        if let Ok(input) = F::from_event(&event) {
            event.prevent_default();
            last.set_value(Some(input.clone()));
            action.dispatch(input);
        }
    };
    take_over(action, follow);
    if keep_trying {
        send_when_connected(action, last);
    }
    view! {
        <form method="post" action=page class=class aria-labelledby=labelled_by novalidate on:submit=submit>
            <input type="hidden" name="form" value=name />
            {children()}
        </form>
    }
    .into_any()
}

/// Shows what a form changed, wherever it shows.
fn take_over<F: FormFn>(action: ServerAction<F>, follow: bool) {
    let live = Live::expect();
    let in_cart = InCart::expect();
    let navigate = use_navigate();
    Effect::new(move |_| {
        let Some(Ok(Outcome::Done(done))) = action.value().get() else { return };
        if let Some(items) = done.cart {
            in_cart.set(items);
        }
        if let Some(order) = done.order {
            live.put_mine(*order);
        }
        if follow {
            navigate(&done.next, NavigateOptions::default());
        }
    });
}

fn send_when_connected<F: FormFn>(action: ServerAction<F>, last: StoredValue<Option<F>>) {
    let again = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        if !matches!(action.value().get(), Some(Err(trouble)) if trouble.is_offline()) {
            return;
        }
        let send = move || {
            if let Some(input) = last.try_get_value().flatten() {
                action.dispatch(input);
            }
        };
        let timer = set_timeout_with_handle(send, std::time::Duration::from_secs(2)).ok();
        again.set_value(timer);
    });
    on_cleanup(move || {
        if let Some(Some(timer)) = again.try_get_value() {
            timer.clear();
        }
    });
}

/// Why the form was refused: by the browser's last try, else by the try that made this page.
pub fn refusal<F: FormFn>(action: ServerAction<F>, before: Option<Refused>) -> Signal<Option<Refused>> {
    Signal::derive(move || match action.value().get() {
        Some(Ok(Outcome::Refused(refused))) => Some(refused),
        Some(Ok(Outcome::Done(_))) => None,
        Some(Err(trouble)) => Some(trouble.into()),
        None => before.clone(),
    })
}

/// The button that sends a form. It is disabled only while the request is under way.
#[component]
pub fn SubmitButton(
    /// Its class.
    class: &'static str,
    /// The request is under way.
    #[prop(into)]
    pending: Signal<bool>,
    /// Its words.
    #[prop(into)]
    words: Signal<String>,
    /// Its words meanwhile.
    meanwhile: &'static str,
) -> impl IntoView {
    let words = move || if pending.get() { meanwhile.to_owned() } else { words.get() };
    let busy = move || pending.get().then_some("true");
    view! {
        <button class=class disabled=pending aria-busy=busy>
            {words}
        </button>
    }
    .into_any()
}

/// The words above a refused form, with a link to each field that can mend it.
#[component]
pub fn MendList(
    /// Why it was refused.
    refused: Signal<Option<Refused>>,
    /// What comes before the ids of the fields.
    #[prop(optional)]
    prefix: &'static str,
    /// What the fields are called.
    labels: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let list = NodeRef::<leptos::html::Section>::new();
    Effect::new(move |before: Option<bool>| {
        let refused = refused.get().is_some();
        // A page that was made refused is read from its top; only what happens afterwards calls for attention.
        if refused
            && before.is_some()
            && let Some(list) = list.get()
        {
            let _ = list.focus();
        }
        refused
    });
    let items = move |fields: Vec<FieldWords>| {
        let item = |FieldWords { field, words }: FieldWords| {
            let label = labels.iter().find(|(id, _)| *id == field).map(|(_, label)| *label);
            match label {
                Some(label) => {
                    let text = format!("{label}: {words}");
                    view! { <li><a href=format!("#{prefix}{field}") rel="external">{text}</a></li> }
                        .into_any()
                }
                None => view! { <li>{words}</li> }.into_any(),
            }
        };
        fields.into_iter().map(item).collect_view()
    };
    move || {
        refused.get().map(|Refused { trouble, fields, cart }| {
            let title = match fields.len() {
                0 => trouble.heading,
                1 => "One field needs another look".to_owned(),
                n => format!("{n} fields need another look"),
            };
            let words = fields.is_empty().then(|| {
                let orders = cart.is_some().then(|| view! { <a href="/orders">"Your orders"</a> });
                let help = trouble.help;
                view! {
                    <p>{trouble.body} " " {trouble.next_step}</p>
                    <p class="row">{orders} <a href=help>"What this means"</a></p>
                }
            });
            let items = (!fields.is_empty()).then(|| view! { <ul>{items(fields)}</ul> });
            view! {
                <section class="mend-list" tabindex="-1" aria-labelledby="mend-title" node_ref=list>
                    <h2 id="mend-title">{title}</h2>
                    {words}
                    {items}
                </section>
            }
        })
    }
}
