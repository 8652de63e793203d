"""The Streamlit parts that pages share; pages compose them, and `core` knows nothing of them."""
