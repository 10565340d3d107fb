use tokio::sync::mpsc;

/// A handle on the connection of a call.
#[derive(Clone, Debug)]
pub struct ConnectionHandle(mpsc::Sender<ConnectionCut>);

/// How a connection ends before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionCut {
    /// An orderly close.
    Closed,
    /// A reset, as from a machine that is gone: the peer reads "connection reset".
    Reset,
}

impl ConnectionHandle {
    pub fn new() -> (ConnectionHandle, mpsc::Receiver<ConnectionCut>) {
        let (sender, severed) = mpsc::channel(1);
        (ConnectionHandle(sender), severed)
    }

    /// Ends the connection, and with it the caller of this.
    pub async fn cut<T>(&self, how: ConnectionCut) -> T {
        // A full or closed channel means that the connection is already ending.
        let _ = self.0.try_send(how);
        std::future::pending().await
    }
}
