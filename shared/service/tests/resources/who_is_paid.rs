//! Calls are priced by who really did their work.

use trunkline_domain::{
    Call, Usd,
    prices::{PriceTable, Tariff},
    shares::{Share, StreamShares},
    transcript::Speaker,
};
use trunkline_service::{dialing::media, post_call};

use crate::{
    after_call::{reread, say},
    ended::ended,
    world::World,
};

const LETTERS: usize = 1_000;

/// A call in which the agent said a thousand letters.
async fn talked(world: &World) -> Call {
    let call = ended(world).await;
    say(world, &call, 0, Speaker::Agent, &"a".repeat(LETTERS)).await;
    call
}

fn half(provider: &str, model: Option<&str>) -> Share {
    Share {
        provider: provider.to_owned(),
        model: model.map(str::to_owned),
        amount: 500,
    }
}

/// A model that broke in the middle, after which the built-in part went on.
fn broke() -> StreamShares {
    StreamShares {
        llm: vec![half("openai", Some("gpt-4")), half("builtin", None)],
        tts: vec![half("builtin", None)],
        ..StreamShares::default()
    }
}

#[tokio::test]
async fn what_a_stream_tells_of_its_work_is_paid_even_when_it_comes_after_the_first_reckoning() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let call = talked(&world).await;
    post_call::finish(ctx, call.tenant, call.id).await.unwrap();
    let planned = reread(&world, &call).await.price.unwrap();
    assert_eq!(
        (planned.llm, planned.tts),
        (Usd::ZERO, Usd::ZERO),
        "all was to be built in"
    );

    media::shares(ctx, call.id, &broke()).await.unwrap();
    media::shares(ctx, call.id, &broke()).await.unwrap();
    world.forward(40);
    post_call::finish(ctx, call.tenant, call.id).await.unwrap();
    let paid = reread(&world, &call).await;
    let price = paid.price.unwrap();
    assert_eq!(
        price.llm,
        Usd::from_micros(15_000 / 2),
        "half the letters were gpt-4's"
    );
    assert_eq!((price.tts, price.telephony), (Usd::ZERO, planned.telephony));
    assert_eq!(paid.cost, price.total());
}

#[tokio::test]
async fn a_new_price_table_changes_no_old_call_nor_does_work_told_much_later() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let call = talked(&world).await;
    media::shares(ctx, call.id, &broke()).await.unwrap();
    post_call::finish(ctx, call.tenant, call.id).await.unwrap();
    let first = reread(&world, &call).await;
    let table = PriceTable {
        model: Tariff {
            otherwise: Usd::from_micros(90_000),
            ..PriceTable::default().model
        },
        version: 1,
        ..PriceTable::default()
    };
    ctx.store.put_prices(&table).await.unwrap();
    let all = StreamShares {
        llm: vec![half("mistral", None)],
        ..StreamShares::default()
    };
    media::shares(ctx, call.id, &all).await.unwrap();
    for seconds in [40, 3_600] {
        world.forward(seconds);
        post_call::finish(ctx, call.tenant, call.id).await.unwrap();
        assert_eq!(reread(&world, &call).await.price, first.price);
    }
}

#[tokio::test]
async fn a_deleted_call_leaves_nothing_of_who_worked_for_it() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let call = talked(&world).await;
    media::shares(ctx, call.id, &broke()).await.unwrap();
    assert_eq!(ctx.store.shares(call.id).await.unwrap(), [broke()]);
    ctx.store.delete_call(&call).await.unwrap();
    assert!(ctx.store.shares(call.id).await.unwrap().is_empty());
}
