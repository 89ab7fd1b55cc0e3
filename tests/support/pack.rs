//! Payloads packed the simple way: runs where three differences or more are equal, literals elsewhere.

/// The plain length, then runs and literals of the differences between neighbouring bytes.
pub fn pack(plain: &[u8]) -> Vec<u8> {
    let before = [0].into_iter().chain(plain.iter().copied());
    let differences: Vec<u8> =
        plain.iter().zip(before).map(|(byte, before)| byte.wrapping_sub(before)).collect();
    let mut packed = (plain.len() as u32).to_le_bytes().to_vec();
    let mut literal = Vec::new();
    let flush = |literal: &mut Vec<u8>, packed: &mut Vec<u8>| {
        for bytes in literal.chunks(128) {
            packed.push((bytes.len() as u8).wrapping_neg());
            packed.extend_from_slice(bytes);
        }
        literal.clear();
    };
    for equal in differences.chunk_by(|a, b| a == b) {
        if equal.len() < 3 {
            literal.extend_from_slice(equal);
            continue;
        }
        flush(&mut literal, &mut packed);
        for run in equal.chunks(127) {
            packed.extend_from_slice(&[run.len() as u8, run[0]]);
        }
    }
    flush(&mut literal, &mut packed);
    packed
}
