//! Wiping buffers of whole requests and answers.

/// Overwrites all that `bytes` ever held, spare capacity included, and gives the memory back.
///
/// The bytes are filled at once: dropping a `Zeroizing<Vec<u8>>` writes them one by one, which for
/// the buffers of a call takes longer than encrypting them.
pub fn wipe(mut bytes: Vec<u8>) {
    bytes.clear();
    bytes.resize(bytes.capacity(), 0);
    zeroize::optimization_barrier(bytes.as_slice());
}
