//! The machine's chance.

use rand::{TryRngCore, rngs::OsRng};
use trunkline_service::Ids;
use uuid::Uuid;

/// Chance from the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the source that others are given"
    )]
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }

    #[expect(
        clippy::expect_used,
        reason = "without the system's randomness nothing may go on: a guessable key is worse"
    )]
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        OsRng
            .try_fill_bytes(&mut bytes)
            .expect("the operating system gives random bytes");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_twice() {
        assert_ne!(SystemIds.uuid(), SystemIds.uuid());
        assert_ne!(SystemIds.secret(), SystemIds.secret());
    }
}
