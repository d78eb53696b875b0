/** The Hugging Face library, loaded with the first question to the Hub. */
export const loadHubLibrary = () => import('@huggingface/hub');
