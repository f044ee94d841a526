//! What the build takes out of the built-ins' text.

#[path = "../build/comments.rs"]
mod comments;

fn without(text: &str) -> String {
    String::from_utf8(comments::without(text.as_bytes()).expect(text)).expect("ASCII")
}

#[test]
fn comments_go_and_positions_stay() {
    let cases = [
        ("a(); // b\nc()\n", "a();\nc()\n"),
        ("/* a\n   b */ c\n", "\n        c\n"),
        ("a /* b */ + c", "a         + c"),
        ("/* MIT License */ a // Copyright\n", "/* MIT License */ a // Copyright\n"),
        ("a = b // c", "a = b"),
    ];
    for (text, expected) in cases {
        assert_eq!(without(text), expected);
    }
}

#[test]
fn what_looks_like_a_comment_stays() {
    for text in [
        "a = '//' + \"/*\" + '\\'//'",
        "a = `//  \n/* ${b + '}' + `/*${c}`} //`",
        "a = /\\/\\/[/*]/.test(b) / 2 / c",
        "return /\\/*'/g",
        "a = b / c /d/ e",
        "a = {}\nb = x.of / y / z",
        "a++ / 2 / b",
        "a = [...of /x'/]",
        "`a\n  \n` + b",
    ] {
        assert_eq!(without(text), text);
    }
}

#[test]
fn what_is_not_clear_is_refused() {
    for text in ["if (a) /b'/.test(c)", "a = 'b", "a = `b${c}", "/* a", "a = /b\n/"] {
        assert!(comments::without(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(comments::without(b"a\nb\n\"").unwrap_err().split(':').next(), Some("line 3"));
}
