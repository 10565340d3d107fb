//! Counting test results.

/// The number of passed and failed tests.
#[derive(Default, Clone, Copy)]
pub struct TestCount {
    pub passed: u64,
    pub failed: u64,
}

impl TestCount {
    pub fn and(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}
