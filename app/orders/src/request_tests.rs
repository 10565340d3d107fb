//! Filled by the tests of the request room.
