// A runtime without an allocator: any `new`, string or array literal in a kernel becomes a compile error.
