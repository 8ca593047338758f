#include "LineParser.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "Tokens.hpp"

using namespace simdjson;

static constexpr char itemSeparator = '\x1F';

// Columns.

void LineParser::addColumn(std::string_view name) {
    const bool isPointer = !name.empty() && name.front() == '/';
    const char separator = isPointer ? '/' : '.';
    if (isPointer) name.remove_prefix(1);
    const int32_t column = columnCount++;
    size_t node = 0;
    for (size_t start = 0; start <= name.size();) {
        const size_t end = std::min(name.find(separator, start), name.size());
        const std::string_view part = name.substr(start, end - start);
        node = child(node, isPointer ? unescapedPointerPart(part) : std::string(part));
        if (nodes[node].anyColumn < 0) nodes[node].anyColumn = column;
        start = end + 1;
    }
    nodes[node].columns.push_back(column);
}

/// The place of `parent`'s child called `key`, made if it is new.
size_t LineParser::child(size_t parent, const std::string &key) {
    for (const Node::Child &child : nodes[parent].children) {
        if (child.key == key) return child.node;
    }
    size_t index = 0;
    const char *end = key.data() + key.size();
    const auto number = std::from_chars(key.data(), end, index);
    const bool isIndex =
        number.ec == std::errc() && number.ptr == end && (key.size() == 1 || key.front() != '0') && index != notAnIndex;
    nodes[parent].children.push_back({key, isIndex ? index : notAnIndex, nodes.size()});
    nodes.emplace_back();
    return nodes.size() - 1;
}

/// The child called `key`; null if none is, or if it was in this line before.
inline LineParser::Node *LineParser::child(Node *parent, std::string_view key) {
    if (!parent) return nullptr;
    for (const Node::Child &child : parent->children) {
        if (child.key.size() != key.size() || std::memcmp(child.key.data(), key.data(), key.size()) != 0) continue;
        Node &node = nodes[child.node];
        if (node.seenInLine == lineNumber) return nullptr;
        node.seenInLine = lineNumber;
        return &node;
    }
    return nullptr;
}

// A line.

csimdjson_outcome LineParser::parse(const char *line, size_t length, size_t mostText, csimdjson_field *fields) {
    this->line = line;
    lineEnd = line + length;
    this->mostText = mostText;
    this->fields = fields;
    lineNumber += 1;
    outcome = {csimdjson_good, -1, 0};
    std::fill_n(fields, columnCount, csimdjson_field{0, 0, false});
    const size_t textBefore = text.size();
    if (!visitLine(length)) text.resize(textBefore);
    return outcome;
}

bool LineParser::visitLine(size_t length) {
    const std::string_view trimmed = trimmedStart({line, length});
    if (trimmed.empty() || trimmed.front() != '{') return fault(csimdjson_not_object);
    // Grows by leaps, so that lines which grow by a byte do not each allocate anew.
    if (length > json.capacity()) {
        if (const auto error = json.allocate(std::max<size_t>(2 * length, 4096))) return fault(error);
    }
    ondemand::document document;
    if (const auto error = json.iterate(line, length, length + SIMDJSON_PADDING).get(document)) return fault(error);
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return fault(error);
    if (!visitFields(object, &nodes[0], 1)) return false;
    // There is no place behind the last token.
    const bool isAtEnd = document.current_location().error() == OUT_OF_BOUNDS;
    return isAtEnd || fault(csimdjson_text_after_object);
}

bool LineParser::visit(Value value, Node *node, List *list, size_t depth) {
    const std::string_view token = trimmedEnd(value.raw_json_token());
    outcome.offset = static_cast<size_t>(token.data() - line);
    switch (token.front()) {
    case '{': return visitObject(value, node, list, depth + 1);
    case '[': return visitArray(value, node, list, depth + 1);
    case '"': return visitString(value, token, node, list);
    default: return visitLiteral(token, node, list);
    }
}

bool LineParser::visitFields(ondemand::object object, Node *node, size_t depth) {
    if (depth > maximumDepth) return fault(csimdjson_too_deep);
    for (auto result : object) {
        ondemand::field field;
        if (const auto error = std::move(result).get(field)) return fault(error);
        std::string_view name;
        if (!key(field, name)) return false;
        if (!visit(field.value(), child(node, name), nullptr, depth)) return false;
    }
    return true;
}

bool LineParser::visitObject(Value &value, Node *node, List *list, size_t depth) {
    if (node && !node->columns.empty()) return fault(csimdjson_object_for_value, node->columns[0]);
    if (list) return fault(csimdjson_object_for_value, list->node.columns[0]);
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return fault(error);
    return visitFields(object, node, depth);
}

bool LineParser::visitArray(Value &value, Node *node, List *list, size_t depth) {
    if (depth > maximumDepth) return fault(csimdjson_too_deep);
    if (!node || node->columns.empty()) return visitItems(value, node, list, depth);
    List own{*node, list, {}};
    return visitItems(value, node, &own, depth) && putText(own.joined, *node);
}

bool LineParser::visitItems(Value &value, Node *node, List *list, size_t depth) {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return fault(error);
    size_t index = 0;
    for (auto result : array) {
        Value item;
        if (const auto error = std::move(result).get(item)) return fault(error);
        Node *itemNode = nullptr;
        if (node) {
            for (const Node::Child &child : node->children) {
                if (child.index == notAnIndex) return fault(csimdjson_array_for_object, nodes[child.node].anyColumn);
                if (child.index == index) itemNode = &nodes[child.node];
            }
        }
        if (!visit(item, itemNode, list, depth)) return false;
        index += 1;
    }
    return true;
}

// Scalars.

bool LineParser::visitString(Value &value, std::string_view token, Node *node, List *list) {
    // Stage one saw to it that a string has both quotes, and starts a new token behind the second.
    if (token.size() < 2 || token.back() != '"') return fault(csimdjson_invalid);
    const std::string_view inside = token.substr(1, token.size() - 2);
    if (!holdsBackslash(inside)) {
        // Taken, or simdjson would step over it as over a key, with a colon and all that follows.
        if (const auto error = value.get_raw_json_string().error()) return fault(error);
        return put(inside, true, node, list);
    }
    std::string_view unescaped;
    if (const auto error = value.get_string().get(unescaped)) return fault(error);
    return put(unescaped, false, node, list);
}

bool LineParser::visitLiteral(std::string_view token, Node *node, List *list) {
    if (token == "null") return true;
    if (token == "True" || token == "False" || token == "None") return fault(csimdjson_python_literal);
    if (token != "true" && token != "false" && !isNumber(token)) return fault(csimdjson_invalid);
    return put(token, true, node, list);
}

/// A field's key, unescaped.
bool LineParser::key(ondemand::field &field, std::string_view &key) {
    const char *start = field.key().raw();
    outcome.offset = static_cast<size_t>(start - line);
    // Stage one saw to it that a quote follows. If it is escaped, a backslash stands before it.
    const void *quote = std::memchr(start, '"', static_cast<size_t>(lineEnd - start));
    if (!quote) return fault(csimdjson_invalid);
    key = {start, static_cast<size_t>(static_cast<const char *>(quote) - start)};
    if (!holdsBackslash(key)) return true;
    if (const auto error = field.unescaped_key().get(key)) return fault(error);
    return true;
}

/// Gives a value to the columns that want it and to the arrays that it is in.
bool LineParser::put(std::string_view scalar, bool isInLine, Node *node, List *list) {
    for (; list; list = list->outer) {
        // In a line control characters are escaped.
        if (!isInLine && scalar.find(itemSeparator) != std::string_view::npos) {
            return fault(csimdjson_separator_in_item, list->node.columns[0]);
        }
        if (list->hasItems) list->joined.push_back(itemSeparator);
        list->hasItems = true;
        list->joined.append(scalar);
    }
    if (!node) return true;
    if (!node->children.empty()) return fault(csimdjson_value_for_container, nodes[node->children[0].node].anyColumn);
    if (!isInLine) return putText(scalar, *node);
    const auto start = static_cast<int32_t>(scalar.data() - line);
    setFields(*node, {start, start + static_cast<int32_t>(scalar.size()), false});
    return true;
}

bool LineParser::putText(std::string_view value, const Node &node) {
    if (value.size() > mostText - text.size()) return fault(csimdjson_too_much_text, node.columns[0]);
    const auto start = static_cast<int32_t>(text.size());
    text.append(value);
    setFields(node, {start, static_cast<int32_t>(text.size()), true});
    return true;
}

void LineParser::setFields(const Node &node, csimdjson_field field) {
    for (const int32_t column : node.columns) fields[column] = field;
}

// Faults.

bool LineParser::fault(csimdjson_status status, int32_t column) {
    outcome.status = status;
    outcome.column = column;
    return false;
}

bool LineParser::fault(error_code error) {
    switch (error) {
    case UTF8_ERROR: return fault(csimdjson_not_utf8);
    case UNESCAPED_CHARS: return fault(csimdjson_control_character);
    case UNCLOSED_STRING: return fault(csimdjson_open_string);
    case STRING_ERROR: return fault(csimdjson_bad_escape);
    case MEMALLOC: std::abort();
    default: return fault(csimdjson_invalid);
    }
}
