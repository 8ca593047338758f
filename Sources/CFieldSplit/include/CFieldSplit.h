#ifndef CFIELDSPLIT_H
#define CFIELDSPLIT_H

#include <stddef.h>
#include <stdint.h>

/// Where a field stands in the text: its first byte and the one behind its last.
typedef struct {
    int32_t start;
    int32_t end;
} plumb_field;

/// A record: the line on which it starts and where it stands, its line end excluded.
typedef struct {
    int32_t line;
    int32_t start;
    int32_t end;
} plumb_record;

/// How many bytes of a text are a given one.
size_t plumb_count_byte(const uint8_t *text, size_t count, uint8_t byte);

/// Splits lines without quotes into fields, as long as they are regular: ended by a line feed, with exactly `columns`
/// fields, and none longer than `most_bytes`. Stops before the first that is not, or behind the last.
///
/// - text, count: the text, from its first byte on; fewer than 2^31 bytes.
/// - start: where in it to begin; the start of a line.
/// - first_line: the number of that line.
/// - fields: room for `columns` fields a record; records: room for `most_records`.
///
/// Returns how many records were written. A carriage return before a line feed belongs to the line end.
size_t plumb_split_lines(const uint8_t *text, size_t count, size_t start, uint8_t delimiter, size_t columns,
                         size_t most_bytes, int32_t first_line, plumb_field *fields, plumb_record *records,
                         size_t most_records);

/// The same without vector instructions, for machines other than x86-64.
size_t plumb_split_lines_words(const uint8_t *text, size_t count, size_t start, uint8_t delimiter, size_t columns,
                               size_t most_bytes, int32_t first_line, plumb_field *fields, plumb_record *records,
                               size_t most_records);

#if defined(__x86_64__)
/// The same with the vector instructions that every x86-64 has.
size_t plumb_split_lines_sse2(const uint8_t *text, size_t count, size_t start, uint8_t delimiter, size_t columns,
                              size_t most_bytes, int32_t first_line, plumb_field *fields, plumb_record *records,
                              size_t most_records);
#endif

#endif
