// SPDX-License-Identifier: Apache-2.0
// Writes the tables of src/lang/template/unicode-ranges.h: go run tools/unicode-ranges.go >src/lang/template/unicode-ranges.h
package main

import (
	"fmt"
	"unicode"
)

func table(name, what string, has func(rune) bool) {
	fmt.Printf("\n/* %s */\nstatic const struct unicode_range %s[] = {\n", what, name)
	line := "   "
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !has(r) {
			continue
		}
		first := r
		for r < unicode.MaxRune && has(r+1) {
			r++
		}
		item := fmt.Sprintf(" {0x%x, 0x%x},", first, r)
		if len(line)+len(item) > 120 {
			fmt.Println(line)
			line = "   "
		}
		line += item
	}
	fmt.Printf("%s\n};\n", line)
}

func main() {
	fmt.Println("/* SPDX-License-Identifier: Apache-2.0 */")
	fmt.Printf("/* Which characters above ASCII are what, in Unicode %s. Written by tools/unicode-ranges.go. */\n", unicode.Version)
	fmt.Println("#pragma once\n\n#include <stdint.h>\n\nstruct unicode_range {\n    uint32_t first;\n    uint32_t last;\n};")
	table("unicode_words", "Letters and decimal digits: general categories L and Nd.", func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	table("unicode_printables", "Letters, marks, numbers, punctuation and symbols: what is printed as it is.", unicode.IsPrint)
	cases()
}

func cases() {
	fmt.Printf("\n/* Letters with another case: first and last of a run, what to add for the upper and the lower case. */\n")
	fmt.Println("static const struct unicode_case {\n    uint32_t first;\n    uint32_t last;\n    int32_t upper;\n    int32_t lower;\n    uint32_t stride;\n} unicode_cases[] = {")
	type run struct {
		first, last, stride rune
		up, low             rune
	}
	var runs []run
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		up, low := unicode.ToUpper(r)-r, unicode.ToLower(r)-r
		if up == 0 && low == 0 {
			continue
		}
		joined := false
		for i := len(runs) - 1; i >= 0 && i >= len(runs)-2; i-- {
			p := &runs[i]
			if p.up != up || p.low != low {
				continue
			}
			if step := r - p.last; step <= 2 && (p.stride == 0 || p.stride == step) {
				p.stride, p.last, joined = step, r, true
				break
			}
		}
		if !joined {
			runs = append(runs, run{r, r, 0, up, low})
		}
	}
	line := "   "
	for _, p := range runs {
		if p.stride == 0 {
			p.stride = 1
		}
		item := fmt.Sprintf(" {0x%x, 0x%x, %d, %d, %d},", p.first, p.last, p.up, p.low, p.stride)
		if len(line)+len(item) > 120 {
			fmt.Println(line)
			line = "   "
		}
		line += item
	}
	fmt.Printf("%s\n};\n", line)
}
