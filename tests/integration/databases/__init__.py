"""The store on real database servers."""
