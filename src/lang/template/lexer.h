/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a template's source into tokens, one at a call. Trim markers and comments are gone when the parser looks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum token_kind {
    TOKEN_ERROR, /* the message says what is wrong; nothing follows */
    TOKEN_END_OF_TEXT,
    TOKEN_TEXT,
    TOKEN_LEFT_DELIMITER,
    TOKEN_RIGHT_DELIMITER,
    TOKEN_SPACE,
    TOKEN_PIPE,
    TOKEN_LEFT_PARENTHESIS,
    TOKEN_RIGHT_PARENTHESIS,
    TOKEN_ASSIGN,
    TOKEN_DECLARE,
    TOKEN_CHARACTER, /* one that means nothing by itself, such as a comma */
    TOKEN_BOOL,
    TOKEN_CHARACTER_CONSTANT,
    TOKEN_COMPLEX,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_RAW_STRING,
    TOKEN_DOT,
    TOKEN_FIELD,
    TOKEN_IDENTIFIER,
    TOKEN_VARIABLE,
    /* the words that are no identifiers */
    TOKEN_BLOCK,
    TOKEN_BREAK,
    TOKEN_CONTINUE,
    TOKEN_DEFINE,
    TOKEN_ELSE,
    TOKEN_END,
    TOKEN_IF,
    TOKEN_NIL,
    TOKEN_RANGE,
    TOKEN_TEMPLATE,
    TOKEN_WITH,
};

struct token {
    enum token_kind kind;
    unsigned line; /* of its first octet, from 1 */
    size_t offset;
    struct bytes text;
    const char *message;
};

struct lexer {
    struct bytes source;
    size_t start;    /* of the token at hand */
    size_t position; /* behind what was read of it */
    unsigned line;
    unsigned start_line;
    unsigned parentheses;
    bool break_is_function;
    bool continue_is_function;
    enum { LEXER_TEXT, LEXER_LEFT, LEXER_INSIDE, LEXER_DONE } state;
};

void lexer_init(struct lexer *ret, struct bytes source);
/* The next token. After the end of text or an error there are only errors on line 0. */
struct token lexer_next(struct lexer *lexer);
