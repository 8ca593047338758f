#include "CSimdjson.h"
#include "LineParser.hpp"

// `noexcept` ends the process where an allocation throws: no exception crosses into Swift.

struct csimdjson_parser {
    LineParser lines;
};

const size_t csimdjson_padding = simdjson::SIMDJSON_PADDING;
const size_t csimdjson_maximum_depth = LineParser::maximumDepth;

csimdjson_parser *csimdjson_make(void) noexcept { return new csimdjson_parser; }

void csimdjson_free(csimdjson_parser *parser) noexcept { delete parser; }

void csimdjson_add_column(csimdjson_parser *parser, const char *name, size_t length) noexcept {
    parser->lines.addColumn({name, length});
}

void csimdjson_clear_text(csimdjson_parser *parser) noexcept { parser->lines.text.clear(); }

const char *csimdjson_text(const csimdjson_parser *parser, size_t *length) noexcept {
    *length = parser->lines.text.size();
    return parser->lines.text.data();
}

csimdjson_outcome csimdjson_parse(
    csimdjson_parser *parser, const char *line, size_t length, size_t most_text, csimdjson_field *fields) noexcept {
    return parser->lines.parse(line, length, most_text, fields);
}
