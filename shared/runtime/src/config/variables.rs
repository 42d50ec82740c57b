//! The variables, for whoever asks.

/// A variable that a user can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

macro_rules! variables {
    ($($name:literal, $default:literal, $meaning:literal;)*) => {
        /// Every variable that is read.
        pub const VARIABLES: &[Variable] = &[$(Variable { name: $name, default: $default, meaning: $meaning }),*];
    };
}

variables! {
    "TRUNKLINE_ADDR", "127.0.0.1:8000", "where the API, webhooks and sockets are served";
    "TRUNKLINE_DATA_DIR", ".trunkline", "everything that the embedded parts keep";
    "TRUNKLINE_PUBLIC_URL", "http:// and the address", "what clients and carriers call";
    "TRUNKLINE_HOOK_URL", "the public URL", "where carriers send webhooks, when these have their own host";
    "TRUNKLINE_MEDIA_URL", "the public URL", "where carriers open media streams, when these have their own host";
    "TRUNKLINE_DESK_URL", "the addresses that they register", "where the servers of desks' sockets are told of events, from outside their network";
    "TRUNKLINE_PEER_URL", "where it listens; in ECS the task's address", "where this process's peers reach it, such as http://10.0.0.7:8000";
    "TRUNKLINE_ADMIN_EMAIL", "made up and printed once", "the first admin; read only while there is none";
    "TRUNKLINE_ADMIN_PASSWORD", "made up and printed once", "the first admin's password";
    "TRUNKLINE_REGISTRATION", "open with the simulator, else closed", "whether anybody may register: open or closed";
    "TRUNKLINE_SMTP_URL", "none: a mailbox that the admin reads", "the mail server: smtp:// (STARTTLS) or smtps://, with user and password";
    "TRUNKLINE_SMTP_FROM", "the server's user, or trunkline@ the public host", "whom mails come from";
    "TRUNKLINE_RATE_LIMITS", "on", "off for load tests";
    "TRUNKLINE_CORS_ORIGINS", "*", "browsers' origins that may call, separated by commas";
    "TRUNKLINE_TRUSTED_PROXIES", "none", "addresses or networks whose X-Forwarded-For counts, separated by commas";
    "TRUNKLINE_CARRIER", "simulator", "simulator or twilio";
    "TRUNKLINE_CALLER_ID", "the simulator's; needed with a real carrier", "the number that calls come from when a campaign names none, of the carrier's account";
    "TRUNKLINE_CARRIER_CPS", "1 with twilio, unlimited with the simulator", "calls started a second";
    "TRUNKLINE_SETTLE_S", "60; 3 when the carrier is on loopback", "seconds that the carrier's list may lag behind a placed call";
    "TRUNKLINE_LEGAL_WINDOWS", "on; off with the simulator", "whether calls keep to the hours of the law, which hold beside a campaign's own";
    "TRUNKLINE_MAX_CONVERSATIONS", "by cores and speech provider", "conversations at once; no more calls are dialled";
    "TRUNKLINE_STT", "by the agent's settings and the keys present", "forces who understands: builtin, stub or deepgram";
    "TRUNKLINE_LLM", "by the agent's settings and the keys present", "forces who decides what is said: builtin, stub or openai";
    "TRUNKLINE_TTS", "by the agent's settings and the keys present", "forces who speaks: builtin, stub, cartesia, elevenlabs or openai";
    "OPENAI_API_KEY", "none: the built-in parts", "the deployment's key with OpenAI: language models and speech";
    "OPENAI_BASE_URL", "https://api.openai.com/v1", "where OpenAI's API is, or one that speaks its protocol";
    "DEEPGRAM_API_KEY", "none: the built-in parts", "the deployment's key with Deepgram: speech to text";
    "DEEPGRAM_BASE_URL", "https://api.deepgram.com", "where Deepgram's API is";
    "CARTESIA_API_KEY", "none: the built-in parts", "the deployment's key with Cartesia: text to speech";
    "CARTESIA_BASE_URL", "https://api.cartesia.ai", "where Cartesia's API is";
    "ELEVENLABS_API_KEY", "none: the built-in parts", "the deployment's key with ElevenLabs: text to speech";
    "ELEVENLABS_BASE_URL", "https://api.elevenlabs.io", "where ElevenLabs's API is";
    "TRUNKLINE_VENDORS", "those with a key here", "for a function that has no keys: whose keys the media servers have, separated by commas";
    "TRUNKLINE_MODELS_DIR", "the user's cache folder", "where the speech models are, or are put";
    "TRUNKLINE_SIM_ADDR", "127.0.0.1:8001", "the simulated carrier; off: none in this process";
    "TRUNKLINE_SIM_RING_MS", "1500", "how long a simulated phone rings, in milliseconds";
    "TRUNKLINE_SIM_TALK_MS", "0", "0: a person holds a conversation; else whoever answered hangs up after so many milliseconds";
    "TRUNKLINE_SIM_SEED", "1", "all the simulator's chance comes from this";
    "TWILIO_ACCOUNT_SID", "the simulator's", "the carrier account";
    "TWILIO_AUTH_TOKEN", "the simulator's", "its token";
    "TWILIO_API_BASE", "the simulator, or https://api.twilio.com", "where the carrier's API is";
    "TRUNKLINE_LOG", "text", "log lines on standard error: text or json";
    "RUST_LOG", "info", "which log lines, such as debug or trunkline_service=debug";
    "AWS_ENDPOINT_URL", "embedded", "tables, queues and bucket elsewhere, by the AWS SDK's own settings";
    "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL", "tables elsewhere";
    "AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "as for tables", "their streams elsewhere";
    "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL", "queues elsewhere";
    "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "the bucket elsewhere";
    "TRUNKLINE_STACK_PREFIX", "trunkline", "starts the name of every table, queue and bucket";
    "TRUNKLINE_BUCKET", "the prefix and -blobs", "the bucket";
    "TRUNKLINE_BRIDGE_QUEUE_URL", "asked for by name", "the queue of job-bridge";
    "TRUNKLINE_DIAL_QUEUE_URL", "asked for by name", "the queue of job-dialer";
    "TRUNKLINE_IMPORT_QUEUE_URL", "asked for by name", "the queue of job-importer";
    "TRUNKLINE_MAIL_QUEUE_URL", "asked for by name", "the queue of job-mail";
    "TRUNKLINE_POST_CALL_QUEUE_URL", "asked for by name", "the queue of job-post-call";
    "TRUNKLINE_WEBHOOKS_QUEUE_URL", "asked for by name", "the queue of job-webhooks";
    "TRUNKLINE_FANOUT_DEAD_QUEUE_URL", "asked for by name", "where job-fanout puts what it cannot read";
    "TRUNKLINE_TOKEN_SECRET", "the file `secret` in the data folder", "at least 32 random bytes that all tokens' keys come from";
    "TRUNKLINE_KMS_KEY", "the file `data-key` in the data folder", "the KMS key under which the key that seals credentials is kept";
    "TRUNKLINE_ORIGIN_SECRET", "none", "only requests with this X-Origin-Secret are served";
    "TRUNKLINE_ALLOW_PRIVATE_URLS", "false", "for tests on loopback: URLs of private addresses may be called";
    "TRUNKLINE_MEDIA_OPEN", "false", "for load tests on loopback: media streams without a call or token";
}
