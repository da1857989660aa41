package postgres

import (
	"os"
	"strings"
	"testing"
)

// grants are the statements that the documentation gives for the role of jobs, but
// for that which makes it.
func grants(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../.github/docs/sql.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```sql\nCREATE ROLE ci")
	_, rest, _ = strings.Cut(rest, "\n")
	statements, _, end := strings.Cut(rest, "```")
	if !ok || !end || strings.Count(statements, "GRANT") != 3 {
		t.Fatalf("the documentation has no such statements: %q", statements)
	}
	return statements
}
