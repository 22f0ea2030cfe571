/** The exec transport. */
package com.example.tp.exec;
