/* Functions the incident table names. */
window.dashAgGridFunctions = window.dashAgGridFunctions || {};

/* The server has sorted; the grid keeps the rows' order and only moves the arrow. */
window.dashAgGridFunctions.noSort = () => 0;
