#pragma once
#include <cstddef>
#include <cstdint>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

#include "CSimdjson.h"

/// Walks a line's whole value with simdjson's On-Demand API, a tree of the wanted keys alongside.
///
/// On-Demand looks at what is asked for only; all else would pass unseen. So every value is visited: the structure is
/// checked by simdjson as it is walked, strings and UTF-8 by its first stage, escapes where it unescapes. What it would
/// check only by turning tokens into numbers is checked here as text, so that numbers of any length keep their digits.
class LineParser {
public:
    /// simdjson's own limit is 1,024; this one is for the stack, of which each level takes some hundred bytes.
    static constexpr size_t maximumDepth = 128;

    LineParser() : nodes(1) {}

    void addColumn(std::string_view name);
    csimdjson_outcome parse(const char *line, size_t length, size_t mostText, csimdjson_field *fields);

    /// Values that had to be changed, end to end.
    std::string text;

private:
    using Value = simdjson::ondemand::value;

    /// A wanted key, or one on the way to a wanted key.
    struct Node {
        struct Child {
            std::string key;
            /// `key` as an index; `notAnIndex` if it is none.
            size_t index;
            size_t node;
        };
        std::vector<Child> children;
        /// The columns that end here.
        std::vector<int32_t> columns;
        /// A column that ends here or further down, for faults.
        int32_t anyColumn = -1;
        /// The line that last held it, counted from 1.
        uint64_t seenInLine = 0;
    };

    /// A wanted array that is being read. Arrays in it are part of it, and may be wanted on their own.
    struct List {
        Node &node;
        List *outer;
        std::string joined;
        bool hasItems = false;
    };

    static constexpr size_t notAnIndex = SIZE_MAX;

    size_t child(size_t parent, const std::string &key);
    Node *child(Node *parent, std::string_view key);

    // Each is true if all is good, or else leaves the fault in `outcome`. `node` is null where nothing is wanted, `list`
    // where no array is.
    bool visitLine(size_t length);
    bool visit(Value value, Node *node, List *list, size_t depth);
    bool visitFields(simdjson::ondemand::object object, Node *node, size_t depth);
    bool visitObject(Value &value, Node *node, List *list, size_t depth);
    bool visitArray(Value &value, Node *node, List *list, size_t depth);
    bool visitItems(Value &value, Node *node, List *list, size_t depth);
    bool visitString(Value &value, std::string_view token, Node *node, List *list);
    bool visitLiteral(std::string_view token, Node *node, List *list);
    bool key(simdjson::ondemand::field &field, std::string_view &key);
    bool put(std::string_view scalar, bool isInLine, Node *node, List *list);
    bool putText(std::string_view value, const Node &node);
    void setFields(const Node &node, csimdjson_field field);
    bool fault(csimdjson_status status, int32_t column = -1);
    bool fault(simdjson::error_code error);

    simdjson::ondemand::parser json;
    std::vector<Node> nodes;
    uint64_t lineNumber = 0;

    // Of the line at hand.
    const char *line = nullptr;
    const char *lineEnd = nullptr;
    size_t mostText = 0;
    csimdjson_field *fields = nullptr;
    csimdjson_outcome outcome = {};
    /// How many columns there are.
    int32_t columnCount = 0;
};
