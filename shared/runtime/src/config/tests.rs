use std::collections::BTreeMap;

use super::*;

fn read(vars: &[(&str, &str)]) -> std::result::Result<Config, ConfigError> {
    let map: BTreeMap<&str, &str> = vars.iter().copied().collect();
    Config::read(&|name| map.get(name).map(OsString::from))
}

fn refused(vars: &[(&str, &str)]) -> String {
    read(vars).unwrap_err().to_string()
}

#[test]
fn with_nothing_set_it_is_the_simulated_platform_on_loopback() {
    let config = read(&[]).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:8000");
    assert_eq!(config.data_dir, PathBuf::from(".trunkline"));
    assert_eq!(config.simulator.addr.unwrap().to_string(), "127.0.0.1:8001");
    assert_eq!(
        (
            config.simulator.ring_ms,
            config.simulator.talk_ms,
            config.simulator.seed
        ),
        (1500, 0, 1)
    );
    assert!(config.carrier.simulated && config.carrier.api_base.is_none());
    assert_eq!(config.carrier.account.as_ref(), Some(&config.simulator.account));
    assert!(config.rate_limits && !config.legal_windows && !config.media_open && !config.allow_private_urls);
    assert_eq!(config.registration, Registration::Open);
    assert_eq!(config.settle, Duration::seconds(3));
    assert_eq!(config.carrier_cps, None);
    assert_eq!(config.cors_origins, CorsOrigins::Any);
    assert_eq!(config.log, LogFormat::Text);
    assert_eq!(
        (config.aws.dynamodb, config.aws.sqs, config.aws.s3),
        (None, None, None)
    );
    assert_eq!(
        (config.aws.prefix.as_str(), config.aws.bucket.as_str()),
        ("trunkline", "trunkline-blobs")
    );
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let config = read(&[
        ("TRUNKLINE_CALLER_ID", ""),
        ("TRUNKLINE_ADDR", " "),
        ("TRUNKLINE_TRUSTED_PROXIES", ""),
    ]);
    assert_eq!(config.unwrap().addr.port(), 8000);
}

#[test]
fn a_real_carrier_closes_what_the_simulator_leaves_open() {
    let config = read(&[
        ("TRUNKLINE_CARRIER", "twilio"),
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", "t"),
        ("TRUNKLINE_CALLER_ID", "+14155550123"),
    ])
    .unwrap();
    assert_eq!(config.carrier.api_base.as_deref(), Some("https://api.twilio.com"));
    assert!(!config.carrier.simulated && config.legal_windows);
    assert_eq!(
        (config.registration, config.carrier_cps),
        (Registration::Closed, Some(1))
    );
    assert_eq!(config.settle, Duration::seconds(60));
}

#[test]
fn who_dials_by_a_real_carrier_must_say_from_what_number() {
    let real = ("TRUNKLINE_CARRIER", "twilio");
    let account = [("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "t")];
    let said = refused(&[real, account[0], account[1]]);
    assert!(
        said.starts_with("TRUNKLINE_CALLER_ID") && said.contains("such as +14155550123"),
        "{said}"
    );
    let given = read(&[
        real,
        account[0],
        account[1],
        ("TRUNKLINE_CALLER_ID", "+4930901820"),
    ])
    .unwrap();
    assert_eq!(given.caller_id.0.as_str(), "+4930901820");
    // A function without the account dials nobody, the simulator owns every number.
    assert!(read(&[real]).is_ok());
    assert!(
        read(&[
            real,
            account[0],
            account[1],
            ("TWILIO_API_BASE", "http://127.0.0.1:9")
        ])
        .is_ok()
    );
}

#[test]
fn a_carrier_on_loopback_counts_as_the_simulator() {
    let config = read(&[
        ("TRUNKLINE_CARRIER", "twilio"),
        ("TWILIO_API_BASE", "http://localhost:9/"),
    ])
    .unwrap();
    assert!(config.carrier.simulated && !config.legal_windows);
    assert_eq!(config.carrier.api_base.as_deref(), Some("http://localhost:9"));
}

#[test]
fn a_real_carrier_is_not_dialled_with_a_simulators_defaults() {
    assert!(refused(&[("TWILIO_API_BASE", "https://api.twilio.com")]).contains("TRUNKLINE_CARRIER=twilio"));
    assert!(refused(&[("TRUNKLINE_SIM_ADDR", "off")]).starts_with("TWILIO_API_BASE"));
    assert!(refused(&[("TRUNKLINE_SIM_ADDR", "0.0.0.0:8001")]).contains("loopback"));
}

#[test]
fn a_bad_value_is_told_with_its_name_and_what_would_be_right() {
    for (name, value, right) in [
        ("TRUNKLINE_ADDR", "8000", "127.0.0.1:8000"),
        ("TRUNKLINE_PUBLIC_URL", "calls.example.com", "https://"),
        ("TRUNKLINE_PUBLIC_URL", "https://h/?a=1", "no `?`"),
        ("TRUNKLINE_MEDIA_URL", "ftp://h", "wss://"),
        ("TRUNKLINE_ADMIN_EMAIL", "admin", "admin@example.com"),
        ("TRUNKLINE_RATE_LIMITS", "maybe", "`on` or `off`"),
        ("TRUNKLINE_CARRIER", "pigeon", "`simulator` or `twilio`"),
        ("TRUNKLINE_CARRIER", "exotel", "not built yet"),
        ("TRUNKLINE_REGISTRATION", "ajar", "`open` or `closed`"),
        ("TRUNKLINE_SETTLE_S", "-1", "whole seconds"),
        ("TRUNKLINE_MAX_CONVERSATIONS", "0", "at least 1"),
        ("TRUNKLINE_CALLER_ID", "5550100", "country code"),
        ("TRUNKLINE_CARRIER_CPS", "fast", "at least 1"),
        (
            "TRUNKLINE_CORS_ORIGINS",
            "https://a.example/path",
            "https://console.example.com",
        ),
        ("TRUNKLINE_TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/8"),
        ("TRUNKLINE_LOG", "xml", "`text` or `json`"),
        ("TRUNKLINE_SIM_RING_MS", "soon", "milliseconds"),
        ("TRUNKLINE_STT", "parrot", "`builtin`"),
        ("TWILIO_ACCOUNT_SID", "SK1", "begins with AC"),
        ("AWS_ENDPOINT_URL_SQS", "localhost", "https://"),
    ] {
        let said = refused(&[(name, value)]);
        assert!(
            said.starts_with(name) && said.contains(right),
            "{name}={value}: {said}"
        );
    }
    assert!(refused(&[("TWILIO_ACCOUNT_SID", "AC1")]).starts_with("TWILIO_AUTH_TOKEN"));
}

#[test]
fn doors_for_tests_stay_shut_where_others_could_come_in() {
    for door in ["TRUNKLINE_MEDIA_OPEN", "TRUNKLINE_ALLOW_PRIVATE_URLS"] {
        assert!(read(&[(door, "true")]).is_ok());
        assert!(read(&[(door, "true"), ("TRUNKLINE_PUBLIC_URL", "http://localhost:8000")]).is_ok());
        assert!(refused(&[(door, "true"), ("TRUNKLINE_ADDR", "0.0.0.0:8000")]).starts_with(door));
        assert!(
            refused(&[
                (door, "true"),
                ("TRUNKLINE_PUBLIC_URL", "https://calls.example.com")
            ])
            .contains("loopback")
        );
    }
}

#[test]
fn urls_follow_the_address_until_they_are_given() {
    let urls = read(&[]).unwrap().urls("0.0.0.0:4321".parse().unwrap());
    assert_eq!(
        (urls.public.as_str(), urls.media.as_str()),
        ("http://127.0.0.1:4321", "ws://127.0.0.1:4321")
    );
    let given = [
        ("TRUNKLINE_PUBLIC_URL", "https://h/"),
        ("TRUNKLINE_HOOK_URL", "https://hooks"),
    ];
    let urls = read(&given).unwrap().urls("127.0.0.1:1".parse().unwrap());
    assert_eq!(
        (urls.public.as_str(), urls.hook.as_str(), urls.media.as_str()),
        ("https://h", "https://hooks", "wss://h")
    );
}

#[test]
fn one_endpoint_serves_all_services_unless_one_has_its_own() {
    let config = read(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:2"),
    ]);
    let aws = config.unwrap().aws;
    assert_eq!(aws.streams.as_deref(), Some("http://127.0.0.1:1"));
    assert_eq!(
        (aws.sqs.as_deref(), aws.s3.as_deref()),
        (Some("http://127.0.0.1:1"), Some("http://127.0.0.1:2"))
    );
    assert!(aws.is_local());
    let aws = read(&[(
        "AWS_ENDPOINT_URL_DYNAMODB",
        "https://dynamodb.eu-west-1.amazonaws.com",
    )])
    .unwrap()
    .aws;
    assert_eq!(
        (aws.streams.clone(), aws.sqs.clone(), aws.is_local()),
        (None, None, false)
    );
}

#[test]
fn secrets_do_not_show() {
    let config = read(&[
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", "hush-1"),
        ("TRUNKLINE_ADMIN_PASSWORD", "hush-2"),
        ("TRUNKLINE_TOKEN_SECRET", "hush-3"),
        ("OPENAI_API_KEY", "hush-4"),
    ]);
    let shown = format!("{:?}", config.unwrap());
    assert!(shown.contains("AC1"), "{shown}");
    assert!(shown.contains("Openai") && !shown.contains("hush-"), "{shown}");
}

#[test]
fn the_table_of_variables_is_what_is_read() {
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    Config::read(&|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    })
    .unwrap();
    // Where a user's folders are, what the machine is called and where ECS describes its tasks is not ours to set.
    let own = asked.into_inner().into_iter().filter(|name| {
        ![
            "HOME",
            "HOSTNAME",
            "XDG_CACHE_HOME",
            "ECS_CONTAINER_METADATA_URI_V4",
        ]
        .contains(&name.as_str())
    });
    let table: std::collections::BTreeSet<String> = VARIABLES
        .iter()
        .map(|variable| variable.name.to_owned())
        .collect();
    assert_eq!(own.collect::<std::collections::BTreeSet<_>>(), table);
}
