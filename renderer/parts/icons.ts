/** The icons of places that are reached from several screens: each means one thing in the whole app. */
export { PanelRight as InspectorIcon, SlidersHorizontal as LoadSettingsIcon } from 'lucide-react';
