/* SPDX-License-Identifier: Apache-2.0 */
/* librnp, loaded where there is a key ring: with the C++ libraries behind it it takes 4 MB, and most servers sign
 * nothing. Its functions are called by their own names once rnp_library_load() has succeeded. Within io/signer only. */
#pragma once

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "base/diag.h"

struct rnp_library {
    __typeof__(rnp_buffer_destroy) *buffer_destroy;
    __typeof__(rnp_ffi_create) *ffi_create;
    __typeof__(rnp_ffi_destroy) *ffi_destroy;
    __typeof__(rnp_identifier_iterator_create) *identifier_iterator_create;
    __typeof__(rnp_identifier_iterator_destroy) *identifier_iterator_destroy;
    __typeof__(rnp_identifier_iterator_next) *identifier_iterator_next;
    __typeof__(rnp_input_destroy) *input_destroy;
    __typeof__(rnp_input_from_path) *input_from_path;
    __typeof__(rnp_key_allows_usage) *key_allows_usage;
    __typeof__(rnp_key_export) *key_export;
    __typeof__(rnp_key_get_alg) *key_get_alg;
    __typeof__(rnp_key_get_default_key) *key_get_default_key;
    __typeof__(rnp_key_get_keyid) *key_get_keyid;
    __typeof__(rnp_key_get_uid_at) *key_get_uid_at;
    __typeof__(rnp_key_handle_destroy) *key_handle_destroy;
    __typeof__(rnp_key_have_secret) *key_have_secret;
    __typeof__(rnp_key_is_primary) *key_is_primary;
    __typeof__(rnp_key_is_protected) *key_is_protected;
    __typeof__(rnp_key_unprotect) *key_unprotect;
    __typeof__(rnp_load_keys) *load_keys;
    __typeof__(rnp_locate_key) *locate_key;
    __typeof__(rnp_output_destroy) *output_destroy;
    __typeof__(rnp_output_memory_get_buf) *output_memory_get_buf;
    __typeof__(rnp_output_to_memory) *output_to_memory;
    __typeof__(rnp_result_to_string) *result_to_string;
};

extern struct rnp_library rnp_library;

int rnp_library_load(struct diag *why);

#define rnp_buffer_destroy (rnp_library.buffer_destroy)
#define rnp_ffi_create (rnp_library.ffi_create)
#define rnp_ffi_destroy (rnp_library.ffi_destroy)
#define rnp_identifier_iterator_create (rnp_library.identifier_iterator_create)
#define rnp_identifier_iterator_destroy (rnp_library.identifier_iterator_destroy)
#define rnp_identifier_iterator_next (rnp_library.identifier_iterator_next)
#define rnp_input_destroy (rnp_library.input_destroy)
#define rnp_input_from_path (rnp_library.input_from_path)
#define rnp_key_allows_usage (rnp_library.key_allows_usage)
#define rnp_key_export (rnp_library.key_export)
#define rnp_key_get_alg (rnp_library.key_get_alg)
#define rnp_key_get_default_key (rnp_library.key_get_default_key)
#define rnp_key_get_keyid (rnp_library.key_get_keyid)
#define rnp_key_get_uid_at (rnp_library.key_get_uid_at)
#define rnp_key_handle_destroy (rnp_library.key_handle_destroy)
#define rnp_key_have_secret (rnp_library.key_have_secret)
#define rnp_key_is_primary (rnp_library.key_is_primary)
#define rnp_key_is_protected (rnp_library.key_is_protected)
#define rnp_key_unprotect (rnp_library.key_unprotect)
#define rnp_load_keys (rnp_library.load_keys)
#define rnp_locate_key (rnp_library.locate_key)
#define rnp_output_destroy (rnp_library.output_destroy)
#define rnp_output_memory_get_buf (rnp_library.output_memory_get_buf)
#define rnp_output_to_memory (rnp_library.output_to_memory)
#define rnp_result_to_string (rnp_library.result_to_string)
