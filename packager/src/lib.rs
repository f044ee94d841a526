//! Project -> executable: scan, link, generate, write, and the diagnostics they collect.
