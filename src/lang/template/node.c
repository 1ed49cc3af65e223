/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a parsed template and what is asked of its nodes. */
#include "lang/template/node.h"

#include "base/array.h"
#include "base/text.h"
#include "lang/template/unicode.h"

/* Nodes are small and many: they come out of pieces of this size. */
#define PIECE_SIZE ((size_t)4096)

struct template_memory {
    struct template_memory *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) uint8_t octets[];
};

void *template_allocate(struct template *template, size_t size)
{
    size = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    struct template_memory *memory = template->memory;
    if (!memory || memory->size - memory->used < size) {
        size_t piece = size > PIECE_SIZE ? size : PIECE_SIZE;
        memory = memory_new(1, sizeof *memory + piece);
        memory->size = piece;
        memory->next = template->memory;
        template->memory = memory;
    }
    void *allocated = memory->octets + memory->used;
    memory->used += size;
    return allocated;
}

char *template_keep_text(struct template *template, struct bytes text)
{
    char *kept = template_allocate(template, text.size + 1);
    if (text.size > 0)
        memcpy(kept, text.data, text.size);
    return kept;
}

struct value *template_take_constant(struct template *template, struct value *take_value)
{
    *ARRAY_ADD(template->constants, template->constant_count, template->constant_capacity) = take_value;
    return take_value;
}

void template_destroy(struct template *template)
{
    if (!template)
        return;
    for (size_t i = 0; i < template->constant_count; i++)
        value_unref(template->constants[i]);
    free(template->constants);
    while (template->memory) {
        struct template_memory *next = template->memory->next;
        free(template->memory);
        template->memory = next;
    }
    free((void *)template->source.data);
    free(template->name);
    free(template);
}

const struct definition *template_find(const struct template *template, struct bytes name)
{
    for (const struct definition *definition = template->definitions; definition; definition = definition->next)
        if (bytes_equal(definition->name, name))
            return definition;
    return NULL;
}

static bool text_is_blank(struct bytes text)
{
    uint32_t character;
    while (text.size > 0) {
        size_t size = unicode_decode(&character, text);
        if (!unicode_is_space(character))
            return false;
        text = bytes_slice(text, size, SIZE_MAX);
    }
    return true;
}

bool template_body_is_blank(const struct node *body)
{
    for (; body; body = body->next)
        if (body->kind != NODE_TEXT || !text_is_blank(body->text))
            return false;
    return true;
}

void template_locate(unsigned *ret_line, unsigned *ret_column, const struct template *template, size_t offset)
{
    size_t line_start = 0;
    *ret_line = 1;
    for (size_t i = 0; i < offset && i < template->source.size; i++)
        if (template->source.data[i] == '\n') {
            ++*ret_line;
            line_start = i + 1;
        }
    *ret_column = (unsigned)(offset - line_start);
}
