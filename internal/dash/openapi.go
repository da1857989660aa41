package dash

import _ "embed" // the description

// description is the API as OpenAPI 3.1.
//
//go:embed openapi.json
var description []byte
