/* SPDX-License-Identifier: Apache-2.0 */
/* Maps from an output to its source. */
#include "lang/template/map.h"

#include "base/array.h"

/* A piece of the output, up to the next one. */
struct template_piece {
    size_t output;
    size_t source;
    bool is_text; /* the source goes on as the output does; otherwise all of it comes from one place */
};

void template_map_finish(struct template_map *map)
{
    free(map->at);
    *map = (struct template_map){0};
}

void map_add_text(struct template_map *map, size_t output, const struct template *template, struct bytes text)
{
    size_t source = text.size > 0 ? (size_t)(text.data - template->source.data) : 0;
    *ARRAY_ADD(map->at, map->count, map->capacity) =
        (struct template_piece){.output = output, .source = source, .is_text = true};
}

void map_add_action(struct template_map *map, size_t output, const struct template *template, size_t offset)
{
    const uint8_t *source = template->source.data;
    while (offset > 0 && !(source[offset] == '{' && source[offset - 1] == '{'))
        offset--;
    *ARRAY_ADD(map->at, map->count, map->capacity) =
        (struct template_piece){.output = output, .source = offset > 0 ? offset - 1 : 0};
}

/* The last piece that begins there or before. */
static const struct template_piece *find_piece(const struct template_map *map, size_t output)
{
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->at[middle].output <= output)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &map->at[low - 1] : NULL;
}

static unsigned count_characters(struct bytes text)
{
    unsigned count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

void template_map_locate(unsigned *ret_line, unsigned *ret_column, const struct template_map *map,
                         const struct template *template, size_t offset)
{
    const struct template_piece *piece = find_piece(map, offset);
    size_t source = piece ? piece->source + (piece->is_text ? offset - piece->output : 0) : 0;
    template_locate(ret_line, ret_column, template, source);
    size_t start = source - *ret_column;
    *ret_column = 1 + count_characters(bytes_slice(template->source, start, source - start));
}
