//! A web server that says exactly the bytes a test gives it, as slowly and as brokenly as the test wants.
//!
//! Takes a function from path to steps; counts connections, requests and how many were under way at once. It
//! speaks just enough HTTP/1.1 to find the end of a request's head. It ends with the value.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// One thing the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one by one with pauses between them.
    Drip(Vec<u8>, Duration),
    /// Sends the same bytes so many times.
    Pour(Vec<u8>, usize),
    /// Says nothing more, and keeps the connection.
    Hang,
    /// Waits.
    Pause(Duration),
    /// Closes so that the peer sees a reset.
    Reset,
    /// Keeps the connection for the next request.
    Next,
}

/// What the server saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    connections: AtomicUsize,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
    heads: Mutex<Vec<String>>,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Seen>,
    tasks: JoinSet<()>,
}

/// From the head of a request to what is done with it.
type Handler = Arc<dyn Fn(&str) -> Vec<Step> + Send + Sync>;

impl Server {
    /// On 127.0.0.1 and a free port.
    pub(crate) async fn start(handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, None, handler)
    }

    /// The same, answering by the whole head of the request.
    pub(crate) async fn start_by_head(handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::by_head(listener, None, Arc::new(handler))
    }

    /// The same over TLS.
    pub(crate) async fn start_tls(
        config: rustls::ServerConfig,
        handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, Some(TlsAcceptor::from(Arc::new(config))), handler)
    }

    /// On a listener of one's own.
    pub(crate) fn on(
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        handler: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Self::by_head(listener, tls, Arc::new(move |head| handler(path_of(head))))
    }

    fn by_head(listener: TcpListener, tls: Option<TlsAcceptor>, handler: Handler) -> Self {
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, tls, handler, Arc::clone(&seen)));
        Self { port, seen, tasks }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> url::Url {
        url::Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many requests were under way at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.seen.most_at_once.load(Ordering::SeqCst)
    }

    /// Heads of the requests, in order.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.seen.heads.lock().unwrap().clone()
    }

    /// Paths of the requests, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.heads().iter().map(|head| path_of(head).to_owned()).collect()
    }

    /// Stops listening; what is under way ends too.
    pub(crate) async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// An answer with a length, after which the connection closes.
pub(crate) fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let mut bytes = head(status, &format!("{headers}content-length: {}\r\n", body.len()));
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// The same, keeping the connection.
pub(crate) fn answer_and_stay(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes), Step::Next]
}

/// A redirect.
pub(crate) fn redirect(status: u16, to: &str) -> Vec<Step> {
    answer(status, &format!("location: {to}\r\n"), "")
}

/// A page that is not there.
pub(crate) fn missing() -> Vec<Step> {
    answer(404, "", "nothing here")
}

/// The head of an answer without a length.
pub(crate) fn head(status: u16, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, handler: Handler, seen: Arc<Seen>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, handler, seen) = (tls.clone(), Arc::clone(&handler), Arc::clone(&seen));
        connections.spawn(async move {
            match tls {
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        converse(stream, |_| {}, &handler, &seen).await;
                    }
                }
                None => converse(stream, reset, &handler, &seen).await,
            }
        });
    }
}

#[expect(deprecated, reason = "an immediate reset is what the test wants")]
fn reset(stream: &TcpStream) {
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}

async fn converse<S>(mut stream: S, reset: impl Fn(&S), handler: &Handler, seen: &Seen)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(request) = read_head(&mut stream).await {
        let steps = handler(&request);
        seen.heads.lock().unwrap().push(request);
        let now = seen.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_at_once.fetch_max(now, Ordering::SeqCst);
        let end = play(&mut stream, &reset, steps).await;
        seen.under_way.fetch_sub(1, Ordering::SeqCst);
        match end {
            End::Stay => {}
            End::Close => break,
            End::Reset => return,
        }
    }
    // A peer that stopped reading is no fault of the test.
    drop(stream.shutdown().await);
}

/// How a connection goes on after an answer.
enum End {
    Stay,
    Close,
    Reset,
}

/// Plays the steps.
async fn play<S: AsyncWrite + AsyncRead + Unpin>(
    stream: &mut S,
    reset: &impl Fn(&S),
    steps: Vec<Step>,
) -> End {
    for step in steps {
        let done = match step {
            Step::Send(bytes) => stream.write_all(&bytes).await,
            Step::Drip(bytes, pause) => drip(stream, &bytes, pause).await,
            Step::Pour(bytes, times) => pour(stream, &bytes, times).await,
            Step::Hang => {
                // Until the peer goes away.
                drop(stream.read_to_end(&mut Vec::new()).await);
                return End::Close;
            }
            Step::Pause(time) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Step::Reset => {
                reset(stream);
                return End::Reset;
            }
            Step::Next => return End::Stay,
        };
        if done.is_err() || stream.flush().await.is_err() {
            return End::Close;
        }
    }
    End::Close
}

async fn drip<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

async fn pour<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8], times: usize) -> std::io::Result<()> {
    for _ in 0..times {
        stream.write_all(bytes).await?;
    }
    Ok(())
}

async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 65_536 {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

fn path_of(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or("")
}
