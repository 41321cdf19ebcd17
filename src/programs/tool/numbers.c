/* SPDX-License-Identifier: MIT */
#include "tool/numbers.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The least and the most of each integer type. */
static const struct range {
    int64_t least;
    uint64_t most;
} ranges[] = {
    [SEAM_INT8] = {INT8_MIN, INT8_MAX},    [SEAM_INT16] = {INT16_MIN, INT16_MAX},
    [SEAM_INT32] = {INT32_MIN, INT32_MAX}, [SEAM_INT64] = {INT64_MIN, INT64_MAX},
    [SEAM_UINT8] = {0, UINT8_MAX},         [SEAM_UINT16] = {0, UINT16_MAX},
    [SEAM_UINT32] = {0, UINT32_MAX},       [SEAM_UINT64] = {0, UINT64_MAX},
};

static bool is_real(enum seam_type type)
{
    return type == SEAM_FLOAT || type == SEAM_DOUBLE;
}

static bool parse_integer(const char *word, struct number *number)
{
    const struct range *range = &ranges[number->type];
    const int base = strncmp(word + (word[0] == '-'), "0x", 2) == 0 ? 16 : 10;
    char *end;
    errno = 0;
    if (word[0] == '-') {
        number->as.signed_integer = strtoll(word, &end, base);
        return end != word && *end == '\0' && errno == 0 &&
               number->as.signed_integer >= range->least;
    }
    number->as.unsigned_integer = strtoull(word, &end, base);
    return end != word && *end == '\0' && errno == 0 && number->as.unsigned_integer <= range->most;
}

/** What became infinite only because the type has no room for it. */
static bool is_too_large(const struct number *number)
{
    double real = number->as.real;
    bool was_finite = real - real == 0; /* neither infinite nor NaN */
    return (errno == ERANGE && !was_finite) ||
           (number->type == SEAM_FLOAT && was_finite && (real > FLT_MAX || real < -FLT_MAX));
}

bool number_parse(const struct tool_command *command, const char *word, enum seam_type type,
                  struct number *ret_number)
{
    ret_number->type = type;
    bool ok = false;
    if (is_real(type)) {
        char *end;
        errno = 0;
        ret_number->as.real = strtod(word, &end);
        ok = end != word && *end == '\0' && !is_too_large(ret_number);
    } else if (type != SEAM_BYTES && word[strspn(word, " \t\n+")] == word[0]) {
        ok = parse_integer(word, ret_number);
    }
    if (!ok) {
        (void)tool_usage_error(command, "\"%s\" is no %s", word, tool_word(tool_types, type));
    }
    return ok;
}

/** With no more digits than tell it from its neighbours. */
static void print_real(const struct number *number)
{
    const bool narrow = number->type == SEAM_FLOAT;
    char text[64];
    for (int digits = narrow ? 6 : 15; digits <= (narrow ? 9 : 17); digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, number->as.real);
        const double again = strtod(text, NULL);
        if (narrow ? (float)again == (float)number->as.real : again == number->as.real) {
            break;
        }
    }
    (void)puts(text);
}

void number_print(const struct number *number)
{
    if (is_real(number->type)) {
        print_real(number);
    } else if (number->type >= SEAM_UINT8) {
        (void)printf("%" PRIu64 "\n", number->as.unsigned_integer);
    } else {
        (void)printf("%" PRId64 "\n", number->as.signed_integer);
    }
}

void number_to_element(const struct number *number, void *ret_element)
{
    const float narrow = (float)(is_real(number->type) ? number->as.real : 0);
    const uint64_t bits = number->as.unsigned_integer;
    switch (number->type) {
    case SEAM_INT8:
    case SEAM_UINT8:
        memcpy(ret_element, &(uint8_t){(uint8_t)bits}, 1);
        break;
    case SEAM_INT16:
    case SEAM_UINT16:
        memcpy(ret_element, &(uint16_t){(uint16_t)bits}, 2);
        break;
    case SEAM_INT32:
    case SEAM_UINT32:
        memcpy(ret_element, &(uint32_t){(uint32_t)bits}, 4);
        break;
    case SEAM_FLOAT:
        memcpy(ret_element, &narrow, 4);
        break;
    default: /* 64 bits of either sort, or a double */
        memcpy(ret_element, &bits, 8);
    }
}

/** An integer of so many bytes, as it lies in memory. */
static uint64_t load_unsigned(const void *element, size_t bytes)
{
    uint8_t byte;
    uint16_t half;
    uint32_t word;
    uint64_t whole;
    switch (bytes) {
    case 1:
        memcpy(&byte, element, 1);
        return byte;
    case 2:
        memcpy(&half, element, 2);
        return half;
    case 4:
        memcpy(&word, element, 4);
        return word;
    default:
        memcpy(&whole, element, 8);
        return whole;
    }
}

void number_from_element(enum seam_type type, const void *element, struct number *ret_number)
{
    size_t bytes = seam_type_bytes(type);
    ret_number->type = type;
    if (type == SEAM_FLOAT) {
        float narrow;
        memcpy(&narrow, element, sizeof(narrow));
        ret_number->as.real = (double)narrow;
        return;
    }
    ret_number->as.unsigned_integer = load_unsigned(element, bytes);
    if (type < SEAM_UINT8) { /* the sign is its highest bit */
        unsigned shift = 64 - 8 * (unsigned)bytes;
        ret_number->as.signed_integer =
            (int64_t)(ret_number->as.unsigned_integer << shift) >> shift;
    }
}
