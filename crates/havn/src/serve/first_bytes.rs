//! A connection whose first bytes have to come in time. What follows the protocols look after themselves;
//! but before they know which of them it is, nobody does.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// As many as the first line of HTTP/2 has, by which it is told from HTTP/1.1.
const FIRST_BYTES: usize = 24;

/// A stream that fails when its first bytes are late.
pub struct FirstBytes<S> {
    stream: S,
    missing: usize,
    wait: Pin<Box<Sleep>>,
}

impl<S> FirstBytes<S> {
    /// Counts from now on.
    pub fn within(wait: Duration, stream: S) -> Self {
        Self { stream, missing: FIRST_BYTES, wait: Box::pin(sleep(wait)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.missing == 0 {
            return polled;
        }
        self.missing = self.missing.saturating_sub(buffer.filled().len() - before);
        if polled.is_pending() && self.wait.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const WAIT: Duration = Duration::from_secs(15);

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_only_drips_at_its_beginning_ends() {
        let (ours, mut theirs) = duplex(100);
        let mut stream = FirstBytes::within(WAIT, ours);
        let dripping = async {
            loop {
                theirs.write_all(b"P").await.unwrap();
                sleep(Duration::from_secs(1)).await;
            }
        };
        let mut got = Vec::new();
        let ended = tokio::select! {
            ended = stream.read_to_end(&mut got) => ended,
            () = dripping => Ok(0),
        };
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(got.len() <= 16, "{got:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_has_begun_may_be_silent() {
        let (ours, mut theirs) = duplex(100);
        let mut stream = FirstBytes::within(WAIT, ours);
        theirs.write_all(&[b'x'; FIRST_BYTES]).await.unwrap();
        let mut first = [0; FIRST_BYTES];
        stream.read_exact(&mut first).await.unwrap();
        sleep(4 * WAIT).await;
        theirs.write_all(b"more").await.unwrap();
        let mut more = [0; 4];
        stream.read_exact(&mut more).await.unwrap();
        assert_eq!(&more, b"more");
    }
}
