#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Takes wanted values out of lines of JSON, by simdjson, which picks the machine's SIMD instructions when it first runs.
//
// Every line is validated whole (RFC 8259: grammar, escapes, UTF-8), also where no value is wanted. Of keys that an object
// holds twice the first counts. Nothing throws; an allocation that fails ends the process, as in Swift.

#ifdef __cplusplus
#define CSIMDJSON_NOEXCEPT noexcept
extern "C" {
#else
#define CSIMDJSON_NOEXCEPT
#endif

/// A parser for one list of columns. Any thread may use it, but only one at a time.
typedef struct csimdjson_parser csimdjson_parser;

/// So many bytes behind a line must be readable; what they are does not matter.
extern const size_t csimdjson_padding;

/// Objects and arrays may lie in one another so deep, the line's own object included.
extern const size_t csimdjson_maximum_depth;

/// Where a value stands.
typedef struct {
    /// Bytes from the line's start, or from the start of the parser's text.
    int32_t start;
    int32_t end;
    /// Whether the value is in the parser's text, not in the line.
    bool is_in_text;
} csimdjson_field;

/// What became of a line.
typedef enum {
    /// It is valid and every column has its field.
    csimdjson_good,
    /// It is not JSON.
    csimdjson_invalid,
    /// It holds bytes that are not UTF-8.
    csimdjson_not_utf8,
    /// A string holds a control character that is not escaped.
    csimdjson_control_character,
    /// A string has no end.
    csimdjson_open_string,
    /// A string holds an escape that JSON does not know, or half of a surrogate pair.
    csimdjson_bad_escape,
    /// A value is `True`, `False` or `None`, as Python writes them.
    csimdjson_python_literal,
    /// It does not start as an object.
    csimdjson_not_object,
    /// Something stands behind the object.
    csimdjson_text_after_object,
    /// Objects or arrays lie too deep.
    csimdjson_too_deep,
    /// An object stands where `column` wants a value.
    csimdjson_object_for_value,
    /// A value stands where `column` goes on to a key or an index.
    csimdjson_value_for_container,
    /// An array stands where `column` goes on to a key.
    csimdjson_array_for_object,
    /// An item of the array that `column` wants holds U+001F, which stands between items.
    csimdjson_separator_in_item,
    /// The text would be longer than allowed.
    csimdjson_too_much_text,
} csimdjson_status;

/// What became of a line, and where it is wrong.
typedef struct {
    csimdjson_status status;
    /// The column that a fault is about, from 0; -1 if it is about none.
    int32_t column;
    /// A fault stands at this byte of the line or after it.
    size_t offset;
} csimdjson_outcome;

/// A parser without columns.
csimdjson_parser *csimdjson_make(void) CSIMDJSON_NOEXCEPT;

void csimdjson_free(csimdjson_parser *parser) CSIMDJSON_NOEXCEPT;

/// Adds a column. A name that starts with `/` is a JSON Pointer (RFC 6901; a `~` before neither 0 nor 1 stands for itself);
/// any other is keys with dots between them. In an array a key of digits, without a leading 0, is an index from 0.
void csimdjson_add_column(csimdjson_parser *parser, const char *name, size_t length) CSIMDJSON_NOEXCEPT;

/// Forgets the text.
void csimdjson_clear_text(csimdjson_parser *parser) CSIMDJSON_NOEXCEPT;

/// What was unescaped or joined since `csimdjson_clear_text`. Good until the next call with `parser`.
const char *csimdjson_text(const csimdjson_parser *parser, size_t *length) CSIMDJSON_NOEXCEPT;

/// Finds the columns' values in one line, and writes one field a column if all is good.
///
/// Numbers and booleans stay as they stand in the line, strings without their quotes and unescaped. Null, an empty array
/// and a value that is not there give an empty field. An array gives its items, those of arrays in it included, nulls
/// left out, with U+001F between them.
///
/// `length` is at most INT32_MAX, and `csimdjson_padding` more bytes can be read. The text grows to at most `most_text`
/// bytes, itself at most INT32_MAX; a line with a fault adds nothing to it.
csimdjson_outcome csimdjson_parse(
    csimdjson_parser *parser, const char *line, size_t length, size_t most_text,
    csimdjson_field *fields) CSIMDJSON_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#undef CSIMDJSON_NOEXCEPT
