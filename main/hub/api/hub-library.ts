/** The Hugging Face library, loaded at the first request to the Hub. */
export const loadHubLibrary = () => import('@huggingface/hub');
