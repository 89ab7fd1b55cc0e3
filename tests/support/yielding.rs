//! A stream that lets everybody wait once before it moves a byte.

use std::task::Poll;
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use rayforce_ipc::client::asynch::Transport;

/// Around another transport, whose futures never wait.
#[derive(Debug)]
pub struct Yielding<T>(pub T);

/// Waits once; nothing has happened where it is dropped then.
pub async fn wait_once() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<T: ErrorType> ErrorType for Yielding<T> {
    type Error = T::Error;
}

impl<T: Read> Read for Yielding<T> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, T::Error> {
        wait_once().await;
        self.0.read(target).await
    }
}

impl<T: Write> Write for Yielding<T> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, T::Error> {
        wait_once().await;
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), T::Error> {
        wait_once().await;
        self.0.flush().await
    }
}

impl<T: Transport> Transport for Yielding<T> {
    type Handle = T::Handle;

    fn set_deadline(&mut self, limit: Duration) {
        self.0.set_deadline(limit);
    }

    fn handle(&self) -> Result<Self::Handle, Self::Error> {
        self.0.handle()
    }

    fn is_alive(&mut self) -> bool {
        self.0.is_alive()
    }
}
