"""Where rows come from. Every source yields the same canonical tables (sources.canonical)."""
