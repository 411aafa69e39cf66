//! `v2.KeyManagementService` over gRPC: paths to calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use ::http::{Request as HttpRequest, Response as HttpResponse};
use hyper::body::Incoming;
use prost::Message;
use tonic::body::Body;
use tonic::server::{Grpc, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::messages::{DecryptRequest, EncryptRequest, StatusRequest};
use super::plugin::Plugin;

/// The largest message that is read, in bytes: a ciphertext with 32 KiB of annotations, which is
/// what an API server keeps at most.
const MAX_MESSAGE: usize = 64 * 1024;

/// Answers one request.
pub(super) async fn answer(
    plugin: Arc<Plugin>,
    request: HttpRequest<Incoming>,
) -> HttpResponse<Body> {
    match request.uri().path() {
        "/v2.KeyManagementService/Status" => {
            unary(request, |_: StatusRequest| async move {
                Ok(plugin.status().await)
            })
            .await
        }
        "/v2.KeyManagementService/Encrypt" => {
            unary(request, |message: EncryptRequest| async move {
                plugin.encrypt(message).await
            })
            .await
        }
        "/v2.KeyManagementService/Decrypt" => {
            unary(request, |message: DecryptRequest| async move {
                plugin.decrypt(message).await
            })
            .await
        }
        _ => Status::unimplemented("no such method").into_http(),
    }
}

async fn unary<M, R, F>(
    request: HttpRequest<Incoming>,
    call: impl FnOnce(M) -> F,
) -> HttpResponse<Body>
where
    M: Message + Default + 'static,
    R: Message + 'static,
    F: Future<Output = Result<R, Status>> + Send + 'static,
{
    let codec = ProstCodec::<R, M>::default();
    let mut grpc = Grpc::new(codec).max_decoding_message_size(MAX_MESSAGE);
    grpc.unary(Once(Some(call)), request).await
}

/// A function that is called once.
struct Once<C>(Option<C>);

impl<M, R, C, F> UnaryService<M> for Once<C>
where
    C: FnOnce(M) -> F,
    F: Future<Output = Result<R, Status>> + Send + 'static,
{
    type Response = R;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, Status>> + Send>>;

    fn call(&mut self, request: Request<M>) -> Self::Future {
        let called = self.0.take().map(|call| call(request.into_inner()));
        Box::pin(async move {
            match called {
                Some(answer) => answer.await.map(Response::new),
                None => Err(Status::internal("called twice")),
            }
        })
    }
}
