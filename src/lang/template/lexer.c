/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a template's source into tokens. Lines are counted the way Go's lexer counts them, since errors name them. */
#include "lang/template/lexer.h"

#include "base/array.h"
#include "lang/template/unicode.h"

#define END_OF_SOURCE UINT32_MAX

static const struct {
    const char *word;
    enum token_kind kind;
} keywords[] = {
    {"block", TOKEN_BLOCK},   {"break", TOKEN_BREAK},       {"continue", TOKEN_CONTINUE},
    {"define", TOKEN_DEFINE}, {"else", TOKEN_ELSE},         {"end", TOKEN_END},
    {"if", TOKEN_IF},         {"nil", TOKEN_NIL},           {"range", TOKEN_RANGE},
    {"with", TOKEN_WITH},     {"template", TOKEN_TEMPLATE}, {"true", TOKEN_BOOL},
    {"false", TOKEN_BOOL},
};

void lexer_init(struct lexer *ret, struct bytes source)
{
    *ret = (struct lexer){.source = source, .line = 1, .start_line = 1};
}

static struct bytes rest_of(const struct lexer *lexer)
{
    return bytes_slice(lexer->source, lexer->position, SIZE_MAX);
}

static bool is_space(uint32_t character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static bool is_at(const struct lexer *lexer, size_t offset, const char *expected)
{
    return bytes_start_with(bytes_slice(lexer->source, offset, SIZE_MAX), expected);
}

static uint32_t peek(const struct lexer *lexer)
{
    uint32_t character;
    return unicode_decode(&character, rest_of(lexer)) > 0 ? character : END_OF_SOURCE;
}

static uint32_t take(struct lexer *lexer)
{
    uint32_t character;
    size_t size = unicode_decode(&character, rest_of(lexer));
    lexer->position += size;
    lexer->line += size > 0 && character == '\n';
    return size > 0 ? character : END_OF_SOURCE;
}

static bool accept(struct lexer *lexer, const char *characters)
{
    uint32_t character = peek(lexer);
    if (character == 0 || character >= 0x80 || !strchr(characters, (int)character))
        return false;
    take(lexer);
    return true;
}

static void accept_all(struct lexer *lexer, const char *characters)
{
    while (accept(lexer, characters))
        ;
}

static unsigned count_lines(struct bytes text)
{
    unsigned lines = 0;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    return lines;
}

/* Leaves out what was passed without take(), counting its lines. */
static void skip(struct lexer *lexer)
{
    lexer->line += count_lines(bytes_slice(lexer->source, lexer->start, lexer->position - lexer->start));
    lexer->start = lexer->position;
    lexer->start_line = lexer->line;
}

static struct token emit(struct lexer *lexer, enum token_kind kind)
{
    struct token token = {
        .kind = kind,
        .line = lexer->start_line,
        .offset = lexer->start,
        .text = bytes_slice(lexer->source, lexer->start, lexer->position - lexer->start),
    };
    lexer->start = lexer->position;
    lexer->start_line = lexer->line;
    return token;
}

static struct token refuse(struct lexer *lexer, const char *message)
{
    struct token token = emit(lexer, TOKEN_ERROR);
    token.line = token.line > 0 ? token.line : 1;
    token.message = message;
    lexer->state = LEXER_DONE;
    return token;
}

/* Whether a trim marker and the right delimiter stand at offset: " -}}". */
static bool is_trimming_end(const struct lexer *lexer, size_t offset)
{
    return offset < lexer->source.size && is_space(lexer->source.data[offset]) && is_at(lexer, offset + 1, "-}}");
}

static bool is_at_right_delimiter(const struct lexer *lexer)
{
    return is_trimming_end(lexer, lexer->position) || is_at(lexer, lexer->position, "}}");
}

static bool is_trimming_start(const struct lexer *lexer, size_t offset)
{
    return is_at(lexer, offset, "-") && offset + 1 < lexer->source.size && is_space(lexer->source.data[offset + 1]);
}

static void skip_spaces(struct lexer *lexer)
{
    while (lexer->position < lexer->source.size && is_space(lexer->source.data[lexer->position]))
        lexer->position++;
    skip(lexer);
}

/* Text up to "{{" or the end. A token of kind TOKEN_ERROR without message means: no token, go on. */
static struct token lex_text(struct lexer *lexer)
{
    const uint8_t *data = lexer->source.data;
    size_t rest = lexer->source.size - lexer->position;
    const uint8_t *found = rest > 0 ? memmem(data + lexer->position, rest, "{{", 2) : NULL;
    if (!found) {
        if (rest == 0) {
            lexer->state = LEXER_DONE;
            return emit(lexer, TOKEN_END_OF_TEXT);
        }
        lexer->position = lexer->source.size;
        lexer->line += count_lines(bytes_slice(lexer->source, lexer->start, rest));
        return emit(lexer, TOKEN_TEXT);
    }
    size_t delimiter = (size_t)(found - data);
    size_t end = delimiter;
    if (is_trimming_start(lexer, delimiter + 2))
        while (end > lexer->start && is_space(data[end - 1]))
            end--;
    lexer->state = LEXER_LEFT;
    struct token token = {0};
    if (end > lexer->start) {
        lexer->position = end;
        lexer->line += count_lines(bytes_slice(lexer->source, lexer->start, end - lexer->start));
        token = emit(lexer, TOKEN_TEXT);
    }
    lexer->position = delimiter;
    skip(lexer);
    return token;
}

static struct token lex_comment(struct lexer *lexer)
{
    static const char opening[] = "/*";
    size_t inside = lexer->position + strlen(opening);
    const uint8_t *end =
        inside < lexer->source.size ? memmem(lexer->source.data + inside, lexer->source.size - inside, "*/", 2) : NULL;
    if (!end)
        return refuse(lexer, "the comment is not closed by \"*/\"");
    lexer->position = (size_t)(end - lexer->source.data) + 2;
    if (!is_at_right_delimiter(lexer))
        return refuse(lexer, "\"}}\" must follow the end of a comment at once");
    bool trims = is_trimming_end(lexer, lexer->position);
    lexer->position += trims ? 4 : 2;
    skip(lexer);
    if (trims)
        skip_spaces(lexer);
    lexer->state = LEXER_TEXT;
    return (struct token){0};
}

static struct token lex_left_delimiter(struct lexer *lexer)
{
    lexer->position += 2;
    size_t marker = is_trimming_start(lexer, lexer->position) ? 2 : 0;
    if (is_at(lexer, lexer->position + marker, "/*")) {
        lexer->position += marker;
        skip(lexer);
        return lex_comment(lexer);
    }
    struct token token = emit(lexer, TOKEN_LEFT_DELIMITER);
    lexer->position += marker;
    skip(lexer);
    lexer->parentheses = 0;
    lexer->state = LEXER_INSIDE;
    return token;
}

static struct token lex_right_delimiter(struct lexer *lexer)
{
    bool trims = is_trimming_end(lexer, lexer->position);
    if (trims) {
        lexer->position += 2;
        skip(lexer);
    }
    lexer->position += 2;
    struct token token = emit(lexer, TOKEN_RIGHT_DELIMITER);
    if (trims)
        skip_spaces(lexer);
    lexer->state = LEXER_TEXT;
    return token;
}

/* Spaces; the last of them may belong to the trim marker of a right delimiter. */
static struct token lex_space(struct lexer *lexer)
{
    size_t first = lexer->position;
    while (is_space(peek(lexer)))
        take(lexer);
    if (is_trimming_end(lexer, lexer->position - 1)) {
        lexer->position--;
        lexer->line -= lexer->source.data[lexer->position] == '\n';
        if (lexer->position == first)
            return lex_right_delimiter(lexer);
    }
    return emit(lexer, TOKEN_SPACE);
}

/* Whether what follows may follow a name. */
static bool is_at_terminator(const struct lexer *lexer)
{
    uint32_t character = peek(lexer);
    return character == END_OF_SOURCE || is_space(character) ||
           (character > 0 && character < 0x80 && strchr(".,|:)(", (int)character)) ||
           is_at(lexer, lexer->position, "}}");
}

static struct token lex_word(struct lexer *lexer)
{
    while (peek(lexer) != END_OF_SOURCE && unicode_is_word(peek(lexer)))
        take(lexer);
    if (!is_at_terminator(lexer))
        return refuse(lexer, "a name is followed by a character that can't follow one");
    struct bytes word = bytes_slice(lexer->source, lexer->start, lexer->position - lexer->start);
    if ((lexer->break_is_function && bytes_equal_text(word, "break")) ||
        (lexer->continue_is_function && bytes_equal_text(word, "continue")))
        return emit(lexer, TOKEN_IDENTIFIER);
    for (size_t i = 0; i < LENGTH(keywords); i++)
        if (bytes_equal_text(word, keywords[i].word))
            return emit(lexer, keywords[i].kind);
    return emit(lexer, TOKEN_IDENTIFIER);
}

/* A field or a variable; its '.' or '$' is read. */
static struct token lex_name(struct lexer *lexer, enum token_kind kind, enum token_kind kind_when_bare)
{
    if (is_at_terminator(lexer))
        return emit(lexer, kind_when_bare);
    while (peek(lexer) != END_OF_SOURCE && unicode_is_word(peek(lexer)))
        take(lexer);
    if (!is_at_terminator(lexer))
        return refuse(lexer, kind == TOKEN_FIELD
                                 ? "a field is followed by a character that no field's name has (for such a name "
                                   "write: index . \"the-name\")"
                                 : "a variable's name is followed by a character that can't follow one");
    return emit(lexer, kind);
}

/* What stands between two quotes, with escapes, on one line. */
static struct token lex_quoted(struct lexer *lexer, uint32_t quote, enum token_kind kind, const char *message)
{
    for (;;) {
        uint32_t character = take(lexer);
        if (character == '\\')
            character = take(lexer) == '\n' ? '\n' : ' ';
        else if (character == quote)
            return emit(lexer, kind);
        if (character == END_OF_SOURCE || character == '\n')
            return refuse(lexer, message);
    }
}

static struct token lex_raw_string(struct lexer *lexer)
{
    for (;;) {
        uint32_t character = take(lexer);
        if (character == END_OF_SOURCE)
            return refuse(lexer, "the raw string is not closed by \"`\"");
        if (character == '`')
            return emit(lexer, TOKEN_RAW_STRING);
    }
}

/* What looks like a number; whether it is one is for the parser to say. */
static bool scan_number(struct lexer *lexer)
{
    static const char decimal[] = "0123456789_";
    const char *digits = decimal;
    const char *exponent = "eE";
    accept(lexer, "+-");
    if (accept(lexer, "0")) {
        if (accept(lexer, "xX")) {
            digits = "0123456789abcdefABCDEF_";
            exponent = "pP";
        } else if (accept(lexer, "oO")) {
            digits = "01234567_";
            exponent = "";
        } else if (accept(lexer, "bB")) {
            digits = "01_";
            exponent = "";
        }
    }
    accept_all(lexer, digits);
    if (accept(lexer, "."))
        accept_all(lexer, digits);
    if (accept(lexer, exponent)) {
        accept(lexer, "+-");
        accept_all(lexer, decimal);
    }
    accept(lexer, "i");
    return peek(lexer) == END_OF_SOURCE || !unicode_is_word(peek(lexer));
}

static struct token lex_number(struct lexer *lexer)
{
    static const char message[] = "this is no number";
    if (!scan_number(lexer))
        return refuse(lexer, message);
    if (peek(lexer) != '+' && peek(lexer) != '-')
        return emit(lexer, TOKEN_NUMBER);
    if (!scan_number(lexer) || lexer->source.data[lexer->position - 1] != 'i')
        return refuse(lexer, message);
    return emit(lexer, TOKEN_COMPLEX);
}

static struct token lex_closing_parenthesis(struct lexer *lexer)
{
    if (lexer->parentheses == 0)
        return refuse(lexer, "\")\" without \"(\"");
    lexer->parentheses--;
    return emit(lexer, TOKEN_RIGHT_PARENTHESIS);
}

/* A '.' begins a number when a digit follows and a field or the dot otherwise. */
static struct token lex_dot(struct lexer *lexer)
{
    uint32_t next = lexer->position + 1 < lexer->source.size ? lexer->source.data[lexer->position + 1] : '0';
    if (next >= '0' && next <= '9')
        return lex_number(lexer);
    take(lexer);
    return lex_name(lexer, TOKEN_FIELD, TOKEN_DOT);
}

static struct token lex_sign(struct lexer *lexer, uint32_t character)
{
    take(lexer);
    switch (character) {
    case '=':
        return emit(lexer, TOKEN_ASSIGN);
    case ':':
        if (take(lexer) != '=')
            return refuse(lexer, "\":\" must be followed by \"=\"");
        return emit(lexer, TOKEN_DECLARE);
    case '|':
        return emit(lexer, TOKEN_PIPE);
    case '"':
        return lex_quoted(lexer, '"', TOKEN_STRING, "the string is not closed on its line");
    case '\'':
        return lex_quoted(lexer, '\'', TOKEN_CHARACTER_CONSTANT, "the character constant is not closed on its line");
    case '`':
        return lex_raw_string(lexer);
    case '$':
        return lex_name(lexer, TOKEN_VARIABLE, TOKEN_VARIABLE);
    case '(':
        lexer->parentheses++;
        return emit(lexer, TOKEN_LEFT_PARENTHESIS);
    case ')':
        return lex_closing_parenthesis(lexer);
    }
    if (character > ' ' && character < 0x7f)
        return emit(lexer, TOKEN_CHARACTER);
    return refuse(lexer, "a character that means nothing in an action");
}

static struct token lex_inside(struct lexer *lexer)
{
    if (is_at_right_delimiter(lexer)) {
        if (lexer->parentheses == 0)
            return lex_right_delimiter(lexer);
        return refuse(lexer, "\"(\" is not closed by \")\"");
    }
    uint32_t character = peek(lexer);
    if (character == END_OF_SOURCE)
        return refuse(lexer, "the action is not closed by \"}}\"");
    if (is_space(character))
        return lex_space(lexer);
    if (character == '.')
        return lex_dot(lexer);
    if (character == '+' || character == '-' || (character >= '0' && character <= '9'))
        return lex_number(lexer);
    if (unicode_is_word(character))
        return lex_word(lexer);
    return lex_sign(lexer, character);
}

struct token lexer_next(struct lexer *lexer)
{
    for (;;) {
        struct token token = {0};
        switch (lexer->state) {
        case LEXER_TEXT:
            token = lex_text(lexer);
            break;
        case LEXER_LEFT:
            token = lex_left_delimiter(lexer);
            break;
        case LEXER_INSIDE:
            token = lex_inside(lexer);
            break;
        case LEXER_DONE:
            return (struct token){.kind = TOKEN_ERROR, .message = "there is nothing more"};
        }
        if (token.kind != TOKEN_ERROR || token.message)
            return token;
    }
}
