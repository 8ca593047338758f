#pragma once
#include <cstring>
#include <string>
#include <string_view>

// What simdjson leaves to its caller when numbers and strings are wanted as they stand.

inline bool isSpace(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

inline bool isDigit(char byte) { return byte >= '0' && byte <= '9'; }

inline std::string_view trimmedStart(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    return text;
}

inline std::string_view trimmedEnd(std::string_view text) {
    while (text.size() > 1 && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

inline bool holdsBackslash(std::string_view text) {
    return !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
}

/// Whether `token` is a number by RFC 8259, section 6, however long.
inline bool isNumber(std::string_view token) {
    const char *at = token.data();
    const char *const end = at + token.size();
    const auto digits = [&] {
        const char *const start = at;
        while (at < end && isDigit(*at)) at += 1;
        return at > start;
    };
    if (at < end && *at == '-') at += 1;
    if (at < end && *at == '0') {
        at += 1;
    } else if (!digits()) {
        return false;
    }
    if (at < end && *at == '.') {
        at += 1;
        if (!digits()) return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at += 1;
        if (at < end && (*at == '+' || *at == '-')) at += 1;
        if (!digits()) return false;
    }
    return at == end;
}

/// A part of a JSON Pointer with `~1` as `/` and `~0` as `~` (RFC 6901, section 4).
inline std::string unescapedPointerPart(std::string_view part) {
    std::string key;
    for (size_t at = 0; at < part.size(); at += 1) {
        const bool isEscape = part[at] == '~' && at + 1 < part.size() && (part[at + 1] == '0' || part[at + 1] == '1');
        if (isEscape) at += 1;
        key.push_back(isEscape && part[at] == '1' ? '/' : isEscape ? '~' : part[at]);
    }
    return key;
}
