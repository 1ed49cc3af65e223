// SPDX-License-Identifier: Apache-2.0
// Renders every case of the files named with Go's own text/template and prints one line for each; what
// template-conformance.c prints of the same files must be the same. See test_template.py for the format of the files.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/template"
)

var position = regexp.MustCompile(`^template: main:(\d+)(?::(\d+))?: `)

// Lists of a document have room behind their last element that slice would show; members of "strings" are what
// Matchbox gives as map[string]string.
func prepare(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = prepare(value[i])
		}
		return value[:len(value):len(value)]
	case map[string]any:
		for key, member := range value {
			value[key] = prepare(member)
			if members, ok := member.(map[string]any); ok && key == "strings" {
				typed := map[string]string{}
				for name, text := range members {
					typed[name] = text.(string)
				}
				value[key] = typed
			}
		}
	}
	return value
}

func escape(text string) string {
	var escaped strings.Builder
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c > '~' || c == '\\' {
			fmt.Fprintf(&escaped, "\\x%02x", c)
		} else {
			escaped.WriteByte(c)
		}
	}
	return escaped.String()
}

func place(err error) string {
	found := position.FindStringSubmatch(err.Error())
	if found == nil {
		return "nowhere"
	}
	if found[2] == "" {
		return found[1]
	}
	return found[1] + ":" + found[2]
}

func render(source string, data any) (result string) {
	defer func() {
		if fault := recover(); fault != nil {
			result = fmt.Sprintf("panic %v", fault)
		}
	}()
	parsed, err := template.New("main").Option("missingkey=error").Parse(source)
	if err != nil {
		return "parse " + place(err) + "\t" + escape(err.Error())
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return "render " + place(err) + "\t" + escape(err.Error())
	}
	return "ok " + escape(out.String())
}

func main() {
	for _, path := range os.Args[1:] {
		content, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		documents := map[string]any{}
		for _, part := range strings.Split("\n"+string(content), "\n==== ")[1:] {
			head, body, _ := strings.Cut(part, "\n")
			body = strings.TrimSuffix(body, "\n")
			if strings.HasPrefix(head, "data ") {
				name := strings.TrimPrefix(head, "data ")
				var data any
				if err := json.Unmarshal([]byte(body), &data); err != nil {
					fmt.Fprintln(os.Stderr, path, name, err)
					os.Exit(1)
				}
				documents[name] = prepare(data)
				continue
			}
			fmt.Println(render(body, documents[head]))
		}
	}
}
