#include "CFieldSplit.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// One body, compiled for each instruction set: `mask` gives for 64 bytes the bit of each that is a delimiter or line feed.
// Places are 32-bit: the text has fewer than 2^31 bytes.
#define SPLIT_LINES(mask)                                                                                              \
    size_t record = 0, column = 0, line_start = start, field_start = start;                                            \
    for (size_t base = start; base < count && record < most_records; base += 64) {                                     \
        uint64_t hits;                                                                                                 \
        if (base + 64 <= count) {                                                                                      \
            hits = mask(text + base, delimiter);                                                                       \
        } else {                                                                                                       \
            /* The last bytes, with zeros behind them, which are looked at and then left out. */                       \
            uint8_t tail[64] = {0};                                                                                    \
            memcpy(tail, text + base, count - base);                                                                   \
            hits = mask(tail, delimiter) & ((1ull << (count - base)) - 1);                                             \
        }                                                                                                              \
        while (hits != 0) {                                                                                            \
            size_t place = base + (size_t)__builtin_ctzll(hits);                                                       \
            hits &= hits - 1;                                                                                          \
            if (column + 1 < columns) {                                                                                \
                if (text[place] == '\n') return record;                                                                \
                fields->start = (int32_t)field_start;                                                                  \
                fields->end = (int32_t)place;                                                                          \
                fields++;                                                                                              \
                column++;                                                                                              \
                field_start = place + 1;                                                                               \
                continue;                                                                                              \
            }                                                                                                          \
            if (text[place] != '\n') return record;                                                                    \
            size_t end = place > field_start && text[place - 1] == '\r' ? place - 1 : place;                           \
            if (end - line_start > most_bytes) return record;                                                          \
            fields->start = (int32_t)field_start;                                                                      \
            fields->end = (int32_t)end;                                                                                \
            fields++;                                                                                                  \
            records[record].line = first_line + (int32_t)record;                                                       \
            records[record].start = (int32_t)line_start;                                                               \
            records[record].end = (int32_t)end;                                                                        \
            record++;                                                                                                  \
            column = 0;                                                                                                \
            line_start = field_start = place + 1;                                                                      \
            if (record == most_records) break;                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    return record;

#define PARAMETERS                                                                                                     \
    const uint8_t *text, size_t count, size_t start, uint8_t delimiter, size_t columns, size_t most_bytes,             \
        int32_t first_line, plumb_field *fields, plumb_record *records, size_t most_records
#define ARGUMENTS text, count, start, delimiter, columns, most_bytes, first_line, fields, records, most_records

// Eight bytes at a time in a machine word, exact for every byte (Warren, "Hacker's Delight", section 6-1).
static inline uint64_t zero_bytes(uint64_t word) {
    const uint64_t low = 0x7F7F7F7F7F7F7F7Full;
    return ~(((word & low) + low) | word | low);
}

static inline uint64_t mask_words(const uint8_t *bytes, uint8_t delimiter) {
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t hits = 0;
    for (int part = 0; part < 8; part++) {
        uint64_t word = 0;
        for (int byte = 7; byte >= 0; byte--) word = word << 8 | bytes[8 * part + byte];
        uint64_t found = zero_bytes(word ^ ones * delimiter) | zero_bytes(word ^ ones * (uint8_t)'\n');
        // Gathers the high bits of the eight bytes into one byte.
        hits |= ((found >> 7) * 0x0102040810204080ull >> 56) << (8 * part);
    }
    return hits;
}

size_t plumb_split_lines_words(PARAMETERS) { SPLIT_LINES(mask_words) }

#if defined(__x86_64__)

__attribute__((target("avx2"))) static inline uint64_t mask_avx2(const uint8_t *bytes, uint8_t delimiter) {
    __m256i low = _mm256_loadu_si256((const __m256i *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(bytes + 32));
    __m256i wanted = _mm256_set1_epi8((char)delimiter), feed = _mm256_set1_epi8('\n');
    uint32_t a = (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(low, feed)));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_cmpeq_epi8(high, wanted), _mm256_cmpeq_epi8(high, feed)));
    return (uint64_t)b << 32 | a;
}

__attribute__((target("avx2,bmi"))) static size_t split_lines_avx2(PARAMETERS) { SPLIT_LINES(mask_avx2) }

static inline uint64_t mask_sse2(const uint8_t *bytes, uint8_t delimiter) {
    __m128i wanted = _mm_set1_epi8((char)delimiter), feed = _mm_set1_epi8('\n');
    uint64_t hits = 0;
    for (int part = 0; part < 4; part++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(block, wanted), _mm_cmpeq_epi8(block, feed));
        hits |= (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << (16 * part);
    }
    return hits;
}

size_t plumb_split_lines_sse2(PARAMETERS) { SPLIT_LINES(mask_sse2) }

size_t plumb_split_lines(PARAMETERS) {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) return split_lines_avx2(ARGUMENTS);
    return plumb_split_lines_sse2(ARGUMENTS);
}

#else

size_t plumb_split_lines(PARAMETERS) { return plumb_split_lines_words(ARGUMENTS); }

#endif

// A loop that compilers turn into vector instructions; 8-bit sums would overflow, so it is cut into short runs.
size_t plumb_count_byte(const uint8_t *text, size_t count, uint8_t byte) {
    size_t total = 0;
    while (count > 0) {
        size_t run = count < 255 ? count : 255;
        uint8_t found = 0;
        for (size_t place = 0; place < run; place++) found += text[place] == byte;
        total += found;
        text += run;
        count -= run;
    }
    return total;
}
