//! Bytes as hex digits.

/// The bytes that digits stand for; white space between bytes is left out.
pub fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let (pairs, half) = digits.as_chunks::<2>();
    assert!(half.is_empty(), "half a byte at the end");
    pairs.iter().map(|pair| byte(pair).expect("hex digits")).collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
