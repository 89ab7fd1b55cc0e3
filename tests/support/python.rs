//! Floats, text and bytes as Python's `repr` writes them.

/// A float: the fewest digits that tell it apart, with an exponent below 1e-4 and from 1e16 on.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').expect("an exponent");
    let exponent: i32 = exponent.parse().expect("a number");
    let digits: String = mantissa.chars().filter(|digit| *digit != '.').collect();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let len = digits.len() as i32;
    match exponent {
        ..-4 | 16.. => {
            let direction = if exponent < 0 { "-" } else { "+" };
            format!("{sign}{mantissa}e{direction}{:02}", exponent.abs())
        }
        ..0 => format!("{sign}0.{}{digits}", zeros(-1 - exponent)),
        _ if exponent + 1 >= len => format!("{sign}{digits}{}.0", zeros(exponent + 1 - len)),
        _ => {
            let (whole, fraction) = digits.split_at(exponent as usize + 1);
            format!("{sign}{whole}.{fraction}")
        }
    }
}

/// Bytes as text, with `\xff` in place of what is no UTF-8.
pub fn decoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// A string literal.
pub fn string(text: &str) -> String {
    quoted(text.chars(), |char| match char {
        '\0'..' ' | '\x7f'..='\u{a0}' | '\u{ad}' => format!("\\x{:02x}", u32::from(char)),
        _ => char.into(),
    })
}

/// A bytes literal.
pub fn bytes(bytes: &[u8]) -> String {
    let chars = bytes.iter().copied().map(char::from);
    let literal = quoted(chars, |char| match char {
        ' '..='~' => char.into(),
        _ => format!("\\x{:02x}", u32::from(char)),
    });
    format!("b{literal}")
}

/// In single quotes, or in double quotes where that saves escapes.
fn quoted(chars: impl Iterator<Item = char> + Clone, other: impl Fn(char) -> String) -> String {
    let has = |wanted| chars.clone().any(|char| char == wanted);
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    let body: String = chars
        .map(|char| match char {
            '\\' => "\\\\".into(),
            '\t' => "\\t".into(),
            '\n' => "\\n".into(),
            '\r' => "\\r".into(),
            char if char == quote => format!("\\{char}"),
            char => other(char),
        })
        .collect();
    format!("{quote}{body}{quote}")
}
