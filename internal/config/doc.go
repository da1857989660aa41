// Package config reads .plumbline.yml: strictly, with errors that point at line
// and column and say what would be right.
//
// It is pure: the file's bytes and the clock are arguments. It may import check,
// baseline and collect, and of other modules only the YAML parser. It walks the
// syntax tree itself in place of decoding into structs: a struct decoder
// reports one error at a time, and cannot tell "50" from 50 or a key that was
// written twice.
//
// To add a key, add a row to the field list of its section in sections.go and
// to the schema in .github/docs/config.schema.json; a test holds the two
// together.
//
//	c, err := config.Parse(".plumbline.yml", data, time.Now())
package config
