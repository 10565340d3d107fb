use std::{convert::Infallible, pin::Pin, time::Duration};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tower::ServiceExt as _;

use super::{
    Sandbox,
    connection::{ConnectionCut, ConnectionHandle},
    report_loop,
};

/// How long running calls may take to finish at shutdown.
const DRAIN: Duration = Duration::from_secs(2);

/// Serves the sandbox until `shutdown` completes, then lets running calls finish for a moment.
///
/// It has an accept loop of its own, because faults must be able to reset a connection.
pub async fn serve(listener: TcpListener, sandbox: Sandbox, shutdown: impl Future<Output = ()>) {
    let router = sandbox.router();
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut reports = JoinSet::new();
    reports.spawn(report_loop::run(sandbox));
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, router.clone(), stopping.clone()));
                }
                Err(error) => {
                    // Usually too many open files; a later accept may succeed.
                    tracing::warn!(%error, "the sandbox could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    drop(stop);
    let drained = async { while connections.join_next().await.is_some() {} };
    // Dropping the set ends what is still running.
    drop(tokio::time::timeout(DRAIN, drained).await);
}

async fn serve_connection(stream: TcpStream, router: Router, mut stopping: watch::Receiver<bool>) {
    drop(stream.set_nodelay(true));
    let (connection, mut severed) = ConnectionHandle::new();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(10))
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = Box::pin(connection);
    let how = tokio::select! {
        _ = &mut connection => return,
        Some(how) = severed.recv() => how,
        // The other end is dropped: the sandbox is stopping.
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                _ = &mut connection => return,
                Some(how) = severed.recv() => how,
            }
        }
    };
    let stream = Pin::into_inner(connection).into_parts().io.into_inner();
    if how == ConnectionCut::Reset {
        drop(stream.set_zero_linger());
    }
}
