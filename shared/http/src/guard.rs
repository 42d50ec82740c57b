//! The inner layer, around each route: limits, who is asking, idempotency. In the documented order: the route is known
//! (404, 405), then the address's limit, the token (401, by the handler's extractor), the user's limit, maintenance.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};
use trunkline_service::{Ctx, platform};

use crate::{
    Failure,
    client::ClientAddr,
    extract::{Caller, bearer},
    idempotency::once,
    limits::{Bucket, Tightest},
    render::Facts,
    shared::Shared,
};

pub(crate) async fn guard(State(ctx): State<Ctx>, mut request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let (Some(shared), Some(facts), Some(route)) = (
        extensions.get::<Arc<Shared>>().cloned(),
        extensions.get::<Facts>().cloned(),
        extensions.get::<MatchedPath>().cloned(),
    ) else {
        return next.run(request).await;
    };
    let bucket = Bucket::of(route.as_str(), request.method());
    if bucket == Bucket::Free || !is_allowed(&shared, route.as_str(), request.method()) {
        return next.run(request).await;
    }
    let tightest = Tightest::default();
    let client = request.extensions().get::<ClientAddr>().copied();
    let caller = match admit(
        &ctx,
        &shared,
        &facts,
        bucket,
        request.headers(),
        client,
        &tightest,
    )
    .await
    {
        Ok(caller) => caller,
        Err(failure) => return limited(failure.into_response(), &tightest),
    };
    if let Err(failure) = check_maintenance(&ctx, &shared, route.as_str(), request.method(), &caller).await {
        return limited(failure.into_response(), &tightest);
    }
    request.extensions_mut().insert(caller.clone());
    request.extensions_mut().insert(tightest.clone());
    let response = match &caller {
        Caller::Known(principal, _) => once(&ctx, principal, &facts, request, next).await,
        Caller::Expired | Caller::Refused(_) => next.run(request).await,
    };
    limited(response, &tightest)
}

/// Counts the request and looks the token up, both at once.
async fn admit(
    ctx: &Ctx,
    shared: &Shared,
    facts: &Facts,
    bucket: Bucket,
    headers: &HeaderMap,
    client: Option<ClientAddr>,
    tightest: &Tightest,
) -> Result<Caller, Failure> {
    let bytes = body_bytes(headers);
    let address = client.map_or_else(|| "a:none".to_owned(), |client| format!("a:{}", client.0));
    // A token that is well signed names a user; the calls that prove who one is are counted by address whatever they carry.
    let claims = bearer(headers).and_then(|token| ctx.keys.read_access(token, ctx.now()).ok());
    let user = claims
        .filter(|_| bucket == Bucket::General)
        .map(|claims| format!("u:{}", claims.user));
    let who = user.as_deref().unwrap_or(&address);
    let count = |who: String| async move {
        shared
            .limiter
            .count(ctx, bucket, facts.dialect, &who, bytes)
            .await
    };
    let ((quota, allowed), caller) = tokio::join!(count(who.to_owned()), Caller::look_up(ctx, headers));
    if user.is_none() {
        note(tightest, quota);
        allowed?;
        return Ok(caller?);
    }
    let caller = caller?;
    if matches!(caller, Caller::Known(..)) {
        note(tightest, quota);
        allowed?;
        return Ok(caller);
    }
    // Well signed, but its login has ended: nobody's request, so the address's.
    let (quota, allowed) = count(address).await;
    note(tightest, quota);
    allowed?;
    Ok(caller)
}

/// What goes on under maintenance: how the admin gets in, and stays in.
const GOES_ON: [&str; 2] = ["/auth/login", "/auth/refresh-token"];

/// Refuses all but admins while there is maintenance. Who needs a token and has none is refused for that, later.
async fn check_maintenance(
    ctx: &Ctx,
    shared: &Shared,
    route: &str,
    method: &Method,
    caller: &Caller,
) -> Result<(), Failure> {
    let below = route
        .strip_prefix("/api/v1")
        .or_else(|| route.strip_prefix("/api"))
        .unwrap_or(route);
    if GOES_ON.contains(&below) {
        return Ok(());
    }
    let closed = match caller {
        Caller::Known(_, closed) => closed.clone(),
        Caller::Expired | Caller::Refused(_) => {
            let method = if *method == Method::HEAD {
                &Method::GET
            } else {
                method
            };
            if !shared.open.contains(&(route.to_owned(), method.clone())) {
                return Ok(());
            }
            platform::closed(ctx).await?.map(|now| now.message)
        }
    };
    closed.map_or(Ok(()), |message| Err(Failure::Maintenance { message }))
}

fn note(tightest: &Tightest, quota: Option<crate::limits::Quota>) {
    if let Some(quota) = quota {
        tightest.meet(quota);
    }
}

fn limited(mut response: Response, tightest: &Tightest) -> Response {
    if let Some(quota) = tightest.get() {
        quota.write(response.headers_mut());
    }
    response
}

fn body_bytes(headers: &HeaderMap) -> u64 {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

fn is_allowed(shared: &Shared, route: &str, method: &Method) -> bool {
    shared.methods.get(route).is_none_or(|methods| {
        methods.contains(method) || (*method == Method::HEAD && methods.contains(&Method::GET))
    })
}
