//! Text that looks like code.

/// Texts that would be something else if they were ever parsed.
pub fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "a b",
        "(exit 1)",
        "\"",
        "\"\"",
        "')",
        "'",
        "]",
        "[1 2 3]",
        "{a: 1}",
        "; comment",
        "\\",
        "\\0",
        "\\n",
        "\n\r\t",
        "(set trades 0)",
        "\") (exit 1) (\"",
        "é☃𝄞",
        "\u{202e}",
        "~sym",
        "#quote",
        "from",
        "null",
        "0Nl",
        "\u{7f}",
        "\0",
        "a\0b",
        "\0(exit 1)",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("(exit 1) ".repeat(65_536 / 9 + 1)[..65_536].to_owned());
    texts.push("\"'".repeat(32_768));
    texts
}
